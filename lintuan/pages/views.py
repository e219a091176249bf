"""The document that a browser opens, and the business clock that the client counts by."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from lintuan.kernel import clock
from lintuan.kernel.codings import accepts_gzip

from .build import current_build
from .document import client_alone, document, visit_of
from .headers import CLIENT_POLICY, guarded
from .written import is_known

#: In the WSGI environment of a request that cannot wait for a database.
ALONE = "lintuan.client_alone"


@require_safe
@guarded
def client(request: HttpRequest) -> HttpResponse:
    """The client with its first page, the same for whoever is signed in or not: that only the device knows."""
    build = current_build()
    if build is None:
        return render(request, "pages/not_built.html", status=503)
    visit = visit_of(request)
    found = client_alone(build, visit.language) if ALONE in request.META else document(build, visit)
    is_packed = accepts_gzip(request.headers.get("Accept-Encoding", "").encode())
    etag = f'{found.etag[:-1]}-gzip"' if is_packed else found.etag
    if is_known(etag, request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(found.packed if is_packed else found.plain)
        response["Link"] = build.early
        if is_packed:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    response["Content-Security-Policy"] = CLIENT_POLICY
    return response


@require_GET
@guarded
def business_clock(_: HttpRequest) -> HttpResponse:
    """The moment it is for the rules, and how many seconds of it pass in a real one."""
    return JsonResponse({"now": clock.now().isoformat(), "rate": clock.rate()})
