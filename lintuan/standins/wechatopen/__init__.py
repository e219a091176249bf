"""WeChat's open platform, as far as money needs it: tokens, and the news that goods wait to be picked up."""

from lintuan.standins.wechatopen.routes import routes

__all__ = ["routes"]
