import pytest

from assistant.text.paths import link_of, without_folders


@pytest.mark.parametrize(
    "source",
    ["javascript:alert(1)", "data:text/html,x", "//evil", "/etc/passwd", "file:///etc/passwd", "https://", "https://a\nb",
     'https://a" onclick="x', "vbscript:x", "HTTPS:evil", "http://[::1"],
)  # fmt: skip
def test_only_web_addresses_are_linked(source):
    assert link_of(source) is None


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/srv/secret/a.csv#12", "a.csv#12"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("https://x.example/a", "https://x.example/a"),
    ],
)
def test_folders_are_nobodys_business(source, shown):
    assert without_folders(source) == shown
