"""What may go wrong between us and a payment gateway."""


class GatewayFault(Exception):
    """The gateway did not do what was asked, or spoke in a way we do not accept."""


class GatewayRefused(GatewayFault):
    """The gateway says no, signed by its key; the same request would be refused again."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message


class GatewayUnreachable(GatewayFault):
    """No answer that can be trusted: the outcome is unknown, so ask again with the same numbers."""


class GatewayBusy(GatewayUnreachable):
    """Too many requests, says the gateway: one more at once, at whatever host, would make it worse."""


class Unauthentic(GatewayFault):
    """A message that must have no effect."""


class ForgedCallback(Unauthentic):
    """The gateway's key did not sign these bytes, or they were not meant for this merchant."""


class StaleCallback(Unauthentic):
    """Rightly signed, but too long ago or in the future: perhaps replayed."""


class UnknownKey(Unauthentic):
    """Signed with a key that is not in our ring; nobody is asked for it, an operator adds keys."""

    def __init__(self, serial: str) -> None:
        super().__init__(serial)
        self.serial = serial
