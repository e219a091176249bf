"""What a play would have cost and given on past evenings, with a band (docs/algorithms/plays-simulation.md)."""

from .answers import Band, GivenOf, NotEnough, NotShown, Outcome
from .past import Ask, Evening, Past, Redemption
from .simulate import simulate

__all__ = ["Ask", "Band", "Evening", "GivenOf", "NotEnough", "NotShown", "Outcome", "Past", "Redemption", "simulate"]
