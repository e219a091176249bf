from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from lintuan.standins import alipay, messages, wechatopen, wechatpay
from lintuan.standins.alipay.platform import Platform as Alipay
from lintuan.standins.manifest import write_manifest
from lintuan.standins.messages.inbox import Inbox, open_secret
from lintuan.standins.settings import Settings
from lintuan.standins.web import page
from lintuan.standins.wechatpay import transfers
from lintuan.standins.wechatpay.platform import Platform


def app(settings: Settings) -> Starlette:
    """The application of all stand-ins; creates keys and manifest where they are missing."""
    settings.state.mkdir(parents=True, exist_ok=True)
    platform = Platform.open(settings)
    second = Alipay.open(settings)
    secret = open_secret(settings.state)
    write_manifest(settings, wechatpay=platform.keys, alipay=second.keys, messages_secret=secret)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with platform.running(), second.running():
            transfers.watch(platform)
            yield

    inbox = Inbox(phones=settings.remembered_phones)
    paying = [*wechatpay.routes(platform), *alipay.routes(second)]
    routes = [Route("/", _home), *paying, *messages.routes(inbox, secret=secret)]
    routes += wechatopen.routes(platform, secret=platform.keys.app_secret)
    return Starlette(routes=routes, lifespan=lifespan)


async def _home(_: Request) -> HTMLResponse:
    return page("邻团 · 外部世界 The outside world", '<p><a href="/messages">短信 Messages</a></p>')
