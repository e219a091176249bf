"""The faces that bypass Django's handler, because everybody asks for them on the same evening: raw ASGI."""
