"""The addresses of memories."""

from django.urls import URLPattern, URLResolver, path

from memories import views

app_name = "memories"
_MEMORIES = "orgs/<slug:organization_slug>/memories"
urlpatterns: list[URLPattern | URLResolver] = [
    path(_MEMORIES, views.memories, name="memories"),
    path(f"{_MEMORIES}/new", views.add, name="add"),
    path(f"{_MEMORIES}/<int:memory_id>", views.memory, name="memory"),
    path(f"{_MEMORIES}/<int:memory_id>/edit", views.edit, name="edit"),
    path(f"{_MEMORIES}/<int:memory_id>/activate", views.activate, name="activate"),
    path(f"{_MEMORIES}/<int:memory_id>/delete", views.delete, name="delete"),
    path(f"{_MEMORIES}/<int:memory_id>/restore", views.restore, name="restore"),
]
