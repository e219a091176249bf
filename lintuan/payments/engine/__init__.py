"""Pure decisions about ways to pay: which of them work where a page is open, and which comes first in a city."""
