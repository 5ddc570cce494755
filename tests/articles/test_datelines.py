from datetime import date

import pytest

from assistant.articles.datelines import dateline

TITLE, BODY = "The bridge opens again", "Cyclists may use the bridge again from today."


def day_of(lines, language):
    return dateline(f"{TITLE}\n\n{lines}\n\n{BODY}", TITLE, language)


@pytest.mark.parametrize(
    ("line", "language", "day"),
    [
        ("18 October 2026", "en", "2026-10-18"),
        ("By Ingrid Maas, 12 August 2026", "en", "2026-08-12"),
        ("By Ingrid Maas\nSunday, October 18, 2026, 10:15", "en", "2026-10-18"),
        ("*Last updated: 4 September 2026. Applies to version 5.2.*", "en", "2026-09-04"),
        ("Published 3 May 2026 | Updated 4 June 2026", "en", "2026-05-03"),
        ("Date: Fri, 03 May 2024 23:00:00 GMT", "en", "2024-05-03"),
        ("Stand: 1. September 2026", "de", "2026-09-01"),
        ("Zuletzt aktualisiert am 04.09.2026, 10:15 Uhr", "de", "2026-09-04"),
        ("Lyon, le mercredi 12 août 2026", "fr", "2026-08-12"),
        ("Publicado el 3 de mayo de 2026", "es", "2026-05-03"),
        ("Pubblicato il 3 maggio 2026", "it", "2026-05-03"),
        ("Atualizado em 3 de maio de 2026", "pt", "2026-05-03"),
        ("Опубликовано: 3 ноября 2026, 10:15", "ru", "2026-11-03"),
        ("الثلاثاء، 3 نوفمبر 2026 - 10:15", "ar", "2026-11-03"),
        ("آخر تحديث: ١٨ تشرين الأول ٢٠٢٦", "ar", "2026-10-18"),
        ("发布时间：2026年11月3日 10:15 来源：新华社", "zh", "2026-11-03"),
        ("प्रकाशित: 3 नवंबर 2026", "hi", "2026-11-03"),
        ("3 Kasım 2026 Salı", "tr", "2026-11-03"),
        ("۱۲ آبان ۱۴۰۵", "fa", "2026-11-03"),
        ("LYON, 12 Aug. 2026 – The council has opened the bridge, " + "and more, " * 20, "en", "2026-08-12"),
        ("LYON, France, Aug. 12, 2026 /Wire/ -- The council has opened the bridge.", "en", "2026-08-12"),
        ("القاهرة، 12 أغسطس 2026 – أعلنت وزارة النقل اليوم افتتاح الجسر الجديد", "ar", "2026-08-12"),
    ],
)
def test_a_line_below_the_title_says_the_day(line, language, day):
    assert day_of(line, language) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("The pool opens on 1 September 2026.", "en"),
        ("The minutes of the meeting, 3 May 2026, were approved.", "en"),
        ("Lyon lost its bridge, on 12 August 2026 – the day of the flood – and " + "waited, " * 15, "en"),
        ("From 1 April 2026", "en"),
        ("Deadline: 3 May 2026", "en"),
        ("12 – 14 August 2026", "en"),
        ("12-14 August 2026", "en"),
        ("12 August 2026 – 3 September 2026", "en"),
        ("3 May 2026: Council decides", "en"),
        ("3 May 2026\nCouncil decides\n4 June 2026\nWork begins", "en"),
        ("Permit | £3 | 3 May 2026\nPitch | £4 | 3 May 2026", "en"),
        ("Die Eröffnung ist am Montag, 3. Mai 2027.", "de"),
        ("Gültig ab: 3. Mai 2026", "de"),
        ("Jusqu'au 12 août 2026", "fr"),
        ("حتى 3 نوفمبر 2026", "ar"),
        ("大桥于2026年11月3日开通。", "zh"),
        ("one\n\ntwo\n\nthree\n\nfour\n\nfive\n\n3 May 2026", "en"),
        ("3 May 2026", "und"),
    ],
)
def test_a_day_that_no_dateline_gives_is_left(line, language):
    assert day_of(line, language) is None


def test_a_date_in_the_title_is_no_dateline():
    assert dateline("Council meeting, 3 May 2026\n\nThe fees were raised.", "Council meeting, 3 May 2026", "en") is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "line", ["AB" + " " * 11_800 + ", 12345 – x", "," * 20 + " 1 x 1999 y " + ";" * 20, "AB (" + "/ " * 5000]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_lines_are_read_soon(line, language):
    assert day_of("\n".join([line] * 5), language) is None
