"""What is said of settings that cannot be read."""

import pytest

from assistant.errors import SettingsError
from assistant.settings import load_settings


@pytest.mark.parametrize(("setting", "value"), [("store", 3), ("k", "many"), ("auth", 3)])
def test_a_setting_of_the_wrong_type_is_named_in_one_line(setting, value):
    with pytest.raises(SettingsError) as caught:
        load_settings(**{setting: value})

    assert str(caught.value).startswith(f"Setting {setting}={value!r}: Input ")
    assert "\n" not in str(caught.value)
