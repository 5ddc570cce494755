"""Interrogatives and other function words of many languages: where a question asks, and in which language."""

import re
from collections import Counter, defaultdict

import regex

from assistant.language.tags import primary_subtag
from assistant.language.words import WORD

# Question words and, behind the semicolon, the commonest words around them. They tell scripts apart, and where a
# question asks; a language whose words another one of its script covers needs no line of its own.
_WORDS = {
    "en": "what who whom whose when where which why how; is are was were does did do can the of about tell explain "
    "what's who's when's where's why's how's",
    "de": "was wer wen wem wessen wann wo wohin warum wieso welche welcher welches wie; ist sind der die das hat über",
    "fr": "que quoi qui quand où pourquoi quel quelle quels quelles comment combien; est sont le la les des sur",
    "es": "qué quién quiénes cuándo dónde cuál cuáles cómo cuánto cuántos cuántas; es son el la los las de del",
    "pt": "que quem quando onde qual quais porquê como quanto quantos quantas; é são o os as do da por",
    "it": "che cosa chi quando dove quale quali come quanto quanti perché; è sono il lo gli di della",
    "nl": "wat wie wanneer waar waarom welk welke hoe hoeveel; is zijn het een van",
    "sv": "vad vem när var varför vilken vilket vilka hur; är den det om",
    "da": "hvad hvem hvornår hvor hvorfor hvilken hvilket hvordan; er",
    "no": "hva hvem hvor hvorfor hvilken hvordan når; er",
    "fi": "mikä mitä kuka ketkä milloin missä miksi mikäli miten kuinka; on ovat",
    "pl": "co kto kiedy gdzie dlaczego który która które jak ile; jest są czy",
    "cs": "co kdo kdy kde proč který která které jak kolik; je jsou",
    "sk": "čo kto kedy kde prečo ktorý ktorá aký koľko; je",
    "hu": "mi mit ki kit mikor hol miért melyik hogyan mennyi hány; az",
    "ro": "ce cine când unde care cum cât câți; este sunt de",
    "tr": "ne kim kimin nerede nereye niçin neden hangi nasıl kaç; mı mi mu mü nedir kimdir",
    "id": "apa siapa kapan mana dimana mengapa kenapa bagaimana berapa; adalah yang di",
    "sw": "nini nani lini wapi kwa gani vipi ngapi; ni ya",
    "vi": "gì ai khi nào đâu sao thế bao nhiêu; là của có",
    "ru": "что кто кого когда где куда почему какой какая какие каков как сколько; чем это такое в о",
    "uk": "що хто коли де чому який яка які як скільки; це таке у про",
    "bg": "какво кой коя кога къде защо как колко; е са",
    "sr": "шта ко када где зашто који која како колико; је",
    "el": "τι ποιος ποια ποιο ποιοι πότε πού γιατί πώς πόσο πόσα; είναι η ο το του της",
    "ar": "ما ماذا من متى أين لماذا كيف كم أي; هل هو هي في عن",
    "fa": "چه چی کی کجا چرا چگونه چطور کدام چند; آیا است چیست کیست در",
    "ur": "کیا کون کب کہاں کیوں کیسے کتنے کتنا کس; ہے ہیں کے کی کا میں",
    "he": "מה מי מתי איפה היכן למה מדוע איך כיצד כמה איזה איזו; האם של את",
    "hi": "क्या कौन कब कहाँ कहां क्यों कैसे कितने कितना किस किसने; है हैं के की का में",
    "bn": "কি কী কে কখন কবে কোথায় কেন কীভাবে কত কোন",
}
# Written without spaces, or with endings: found anywhere in a word.
_ASKING_PARTS = (
    "什么 什麼 谁 誰 哪 何时 何時 怎 多少 多长 多長 多久 几 幾 いつ どこ なに なぜ どの どう "
    "무엇 언제 어디 누구 왜 어떻게 어느 몇 อะไร ใคร เมื่อ ไหน ทำไม อย่างไร กี่ เท่า"
)
_OTHER_PARTS = "吗 嗎 的 是 ですか ますか とは の は を に 은 는 이 가 을 를 의 คือ ของ"
# How questions ask for a time. The second line is found anywhere in a text without spaces.
_TIME = (
    "when|what year|which year|what date|wann|welchem jahr|quand|quelle année|quelle date|cuándo|qué año|qué fecha|"
    "quando|que ano|che anno|wanneer|när|hvornår|når|milloin|kiedy|którym roku|kdy|kedy|mikor|când|ne zaman|kapan|lini|"
    "khi nào|bao giờ|когда|каком году|коли|якому році|кога|када|πότε|متى|أي عام|أي سنة|أي تاريخ|چه زمانی|چه سالی|کب|"
    "מתי|कब|কখন|কবে"
)
_TIME_PARTS = "什么时候|什麼時候|何时|何時|几时|幾時|哪年|哪一年|いつ|何年|언제|몇 년|เมื่อไหร่|เมื่อไร|เมื่อใด"
_ASKS_TIME = re.compile(rf"(?<!\w)(?:{_TIME})(?!\w)|{_TIME_PARTS}")
_CAPITAL = r"\p{Lu}[\p{L}\p{M}'’-]*"
# With the small words within it: "Anton van der Velde".
_NAME = regex.compile(rf"(?<![\p{{L}}\p{{M}}]){_CAPITAL}(?:(?:\s\p{{Ll}}{{1,5}}){{0,3}}\s{_CAPITAL})*")
_LANGUAGES_OF: defaultdict[str, set[str]] = defaultdict(set)
for _language, _words in _WORDS.items():
    for _word in _words.replace(";", "").split():
        _LANGUAGES_OF[_word].add(_language)
_INTERROGATIVES = {language: frozenset(words.partition(";")[0].split()) for language, words in _WORDS.items()}


def _any_of(parts: str) -> re.Pattern[str]:
    return re.compile("|".join(sorted(parts.split(), key=len, reverse=True)))


_ASKING_PART, _KNOWN_PART = _any_of(_ASKING_PARTS), _any_of(f"{_ASKING_PARTS} {_OTHER_PARTS}")


def asking_words(text: str) -> list[str]:
    """Return the question words and other function words that occur in `text`, case-folded.

    Example:
        >>> asking_words("What is منظمة معاهدة الأمن الجماعي?")
        ['what', 'is']
    """
    folded = _folded(text)
    return [word for word in WORD.findall(folded) if word in _LANGUAGES_OF] + _KNOWN_PART.findall(folded)


def asks(text: str, language: str) -> bool:
    """Return whether a part of a question asks for something itself, by a question word.

    Args:
        text: A question, or part of one.
        language: BCP 47 code of the question.

    Example:
        >>> asks("how long is it", "en"), asks("the old bridge", "en")
        (True, False)
    """
    words = _INTERROGATIVES.get(primary_subtag(language), frozenset())
    folded = _folded(text)
    return not words.isdisjoint(WORD.findall(folded)) or _ASKING_PART.search(folded) is not None or asks_time(text)


def without_asking_words(text: str) -> str:
    """Return `text` without the question and function words that stand by themselves; what is in capitals stays.

    Example:
        >>> without_asking_words("What is the WHO?").split()
        ['WHO?']
    """
    return WORD.sub(_unless_asking, text)


def _unless_asking(match: regex.Match[str]) -> str:
    word = match[0]
    return " " if _folded(word) in _LANGUAGES_OF and not (word.isupper() and len(word) > 1) else word


def asks_time(question: str) -> bool:
    """Return whether a question asks when something happens.

    Example:
        >>> asks_time("When is the next summit?"), asks_time("Where is it?")
        (True, False)
    """
    return _ASKS_TIME.search(question.casefold()) is not None


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")


def function_words(text: str) -> Counter[str]:
    """Count how many words of `text` are question or function words of each language."""
    return Counter(language for word in WORD.findall(_folded(text)) for language in _LANGUAGES_OF.get(word, ()))


def has_function_words(language: str) -> bool:
    """Return whether words of a language (BCP 47 code) are known here."""
    return primary_subtag(language) in _WORDS


def without_names(text: str) -> str:
    """Return `text` without its words that begin with a capital, as names do, but for a question word at its beginning.

    Example:
        >>> without_names("Who is Anton van der Velde?").split()
        ['Who', 'is', '?']
    """
    first = WORD.search(text)
    begins = first.end() if first and _folded(first[0]) in _LANGUAGES_OF else 0
    return text[:begins] + _NAME.sub(" ", text[begins:])
