"""Component tags by path, imports and names."""

import pytest

from findings.models import ComponentRisk
from triage.components import HIGH_RISK, LOW_RISK, risk_of, tag_of
from triage.syntax import Source


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("shop/auth/login.py", "", "user authentication"),
        ("shop/permissions.py", "", "user authorization"),
        ("deploy/terraform/main.go", "", "infrastructure"),
        ("shop/admin/pages.js", "", "superuser"),
        ("shop/billing/invoice.py", "", "payments"),
        ("shop/profile.py", "", "user data"),
        ("shop/gdpr/export.py", "", "PII"),
        ("lib/crypto/seal.go", "", "cryptography"),
        ("shop/tests/test_pay.py", "import stripe\n", "tests"),
        ("src/cart.test.ts", "", "tests"),
        ("scripts/release.sh", "", "developer scripts"),
        ("examples/pay.py", "import stripe\n", "sample code"),
        ("shop/metrics.py", "", "observability"),
        ("shop/cart.py", "import stripe\n", "payments"),
        ("shop/cart.js", "import x from 'jsonwebtoken';\n", "user authentication"),
        ("shop/Box.java", "import javax.crypto.Cipher;\n", "cryptography"),
        (
            "shop/cart.py",
            "def take(card_number):\n    charge_card(card_number)\n    refund(invoice)\n",
            "payments",
        ),
        ("shop/cart.py", "def total(items):\n    return sum(items)\n", ""),
        ("shop/cart.py", "# login password payment admin\n", ""),
        ("shop/author.py", "", ""),
        ("shop/testimony.py", "", ""),
        ("data.bin", "login password", ""),
    ],
)
def test_a_file_is_tagged_by_its_markers(path, text, name):
    assert tag_of(Source(path=path, text=text)).name == name


def test_each_tag_says_its_risk():
    assert {risk_of(name) for name in HIGH_RISK} == {ComponentRisk.HIGH}
    assert {risk_of(name) for name in LOW_RISK} == {ComponentRisk.LOW}
    assert risk_of("") == ComponentRisk.NEUTRAL


def test_a_tag_says_what_it_was_told_by():
    assert tag_of(Source(path="shop/billing.py", text="")).reason == "Its path: shop/billing.py"
    assert "imports stripe" in tag_of(Source(path="a.py", text="import stripe\n")).reason
    assert "No marker" in tag_of(Source(path="a.py", text="")).reason
