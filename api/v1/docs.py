"""The description of the public API, and the page that shows it; all assets come from us."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """The OpenAPI description."""


class DocsView(SpectacularSwaggerSplitView):
    """The page that shows it.

    Its script comes from a second request and its template has no style block: the content
    security policy of all our pages holds here too.
    """

    url_name = "api:v1-schema"
    template_name = "api/docs.html"
