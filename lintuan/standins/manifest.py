import json

from lintuan.standins.alipay.keys import Keys as AlipayKeys
from lintuan.standins.files import write_private
from lintuan.standins.settings import Settings
from lintuan.standins.wechatpay.keys import Keys

NAME = "manifest.json"


def write_manifest(
    settings: Settings, *, wechatpay: Keys, messages_secret: str, alipay: AlipayKeys | None = None
) -> None:
    """Say where the stand-ins listen and which keys belong to them; paths are relative to the manifest."""
    manifest: dict[str, object] = {
        "wechatpay": {"base_url": f"{settings.address}/wechatpay", **wechatpay.for_the_merchant()},
        "wechatopen": {"base_url": f"{settings.address}/wechatopen", **wechatpay.for_the_mini_program()},
        "messages": {"base_url": f"{settings.address}/messages", "secret": messages_secret},
    }
    if alipay is not None:
        manifest["alipay"] = {"base_url": f"{settings.address}/alipay/gateway.do", **alipay.for_the_merchant()}
    write_private(settings.state / NAME, json.dumps(manifest, indent=2).encode())
