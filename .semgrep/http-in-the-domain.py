"""What the rule must find, and what it must leave alone."""

# ok: http-in-the-domain
from http import HTTPStatus

# ok: http-in-the-domain
from django.db import transaction

# ruleid: http-in-the-domain
from django.http import HttpRequest

# ruleid: http-in-the-domain
from django.shortcuts import get_object_or_404

# ruleid: http-in-the-domain
from rest_framework.response import Response
