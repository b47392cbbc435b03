"""What the rule must find, and what it must leave alone."""

# ruleid: http-library-outside-its-place
import http.client

# ok: http-library-outside-its-place
import urllib.parse

# ruleid: http-library-outside-its-place
import urllib.request

# ok: http-library-outside-its-place
from http import HTTPStatus

# ok: http-library-outside-its-place
from urllib.parse import urlsplit

# ruleid: http-library-outside-its-place
from urllib.request import urlopen

# ruleid: http-library-outside-its-place
import httpx

# ruleid: http-library-outside-its-place
import requests

# ruleid: http-library-outside-its-place
from requests import Session

# ok: http-library-outside-its-place
from core.http import get_json
