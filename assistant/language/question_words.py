"""`asking_words`: words that show in which of its scripts a mixed question is asked."""

import re
from collections import Counter, defaultdict

import regex

from assistant.language.words import WORD

# Question words and the commonest words around them. They only have to tell scripts apart, so that a language whose
# words another one of its script covers needs no line of its own.
_WORDS = {
    "en": "what who whom whose when where which why how is are was were does did do can the of about tell explain "
    "what's who's when's where's why's how's",
    "de": "was wer wen wem wessen wann wo wohin warum wieso welche welcher welches wie ist sind der die das hat über",
    "fr": "que quoi qui quand où pourquoi quel quelle quels quelles comment combien est sont le la les des sur",
    "es": "qué quién quiénes cuándo dónde cuál cuáles cómo cuánto cuántos cuántas es son el la los las de del",
    "pt": "que quem quando onde qual quais como quanto quantos quantas é são o os as do da por porquê",
    "it": "che cosa chi quando dove quale quali come quanto quanti perché è sono il lo gli di della",
    "nl": "wat wie wanneer waar waarom welk welke hoe hoeveel is zijn het een van",
    "sv": "vad vem när var varför vilken vilket vilka hur är den det om",
    "da": "hvad hvem hvornår hvor hvorfor hvilken hvilket hvordan er",
    "no": "hva hvem hvorfor hvilken hvordan når",
    "fi": "mikä mitä kuka ketkä milloin missä miksi mikäli miten kuinka on ovat",
    "pl": "co kto kiedy gdzie dlaczego który która które jak ile jest są czy",
    "cs": "co kdo kdy kde proč který která které jak kolik je jsou",
    "sk": "čo kto kedy kde prečo ktorý ktorá aký koľko",
    "hu": "mi mit ki kit mikor hol miért melyik hogyan mennyi hány az",
    "ro": "ce cine când unde care cum cât câți este sunt de",
    "tr": "ne kim kimin nerede nereye niçin neden hangi nasıl kaç mı mi mu mü nedir kimdir",
    "id": "apa siapa kapan mana dimana mengapa kenapa bagaimana berapa adalah yang di",
    "sw": "nini nani lini wapi kwa gani vipi ngapi ni ya",
    "vi": "gì ai khi nào đâu sao thế là của có bao nhiêu",
    "ru": "что кто кого когда где куда почему какой какая какие каков как сколько чем это такое в о",
    "uk": "що хто коли де чому який яка які як скільки це таке у про",
    "bg": "какво кой коя кога къде защо как колко е са",
    "sr": "шта ко када где зашто који која како колико је",
    "el": "τι ποιος ποια ποιο ποιοι πότε πού γιατί πώς πόσο πόσα είναι η ο το του της",
    "ar": "ما ماذا من متى أين لماذا كيف كم أي هل هو هي في عن",
    "fa": "چه چی کی کجا چرا چگونه چطور کدام چند آیا است چیست کیست در",
    "ur": "کیا کون کب کہاں کیوں کیسے کتنے کتنا کس ہے ہیں کے کی کا میں",
    "he": "מה מי מתי איפה היכן למה מדוע איך כיצד כמה איזה איזו האם של את",
    "hi": "क्या कौन कब कहाँ कहां क्यों कैसे कितने कितना किस किसने है हैं के की का में",
    "bn": "কি কী কে কখন কবে কোথায় কেন কীভাবে কত কোন",
}
# Written without spaces, or with endings: found anywhere in a word.
_PARTS = (
    "什么 什麼 谁 誰 哪 何时 何時 怎 多少 几 幾 吗 嗎 的 是 "
    "いつ どこ なに なぜ どの どう ですか ますか とは の は を に "
    "무엇 언제 어디 누구 왜 어떻게 어느 몇 은 는 이 가 을 를 의 "
    "อะไร ใคร เมื่อ ไหน ทำไม อย่างไร กี่ เท่า คือ ของ"
)
# How questions ask for a time. The second line is found anywhere in a text without spaces.
_TIME = (
    "when|what year|which year|what date|wann|welchem jahr|quand|quelle année|quelle date|cuándo|qué año|qué fecha|"
    "quando|que ano|che anno|wanneer|när|hvornår|når|milloin|kiedy|którym roku|kdy|kedy|mikor|când|ne zaman|kapan|lini|"
    "khi nào|bao giờ|когда|каком году|коли|якому році|кога|када|πότε|متى|أي عام|أي سنة|أي تاريخ|چه زمانی|چه سالی|کب|"
    "מתי|कब|কখন|কবে"
)
_TIME_PARTS = "什么时候|什麼時候|何时|何時|几时|幾時|哪年|哪一年|いつ|何年|언제|몇 년|เมื่อไหร่|เมื่อไร|เมื่อใด"
_ASKS_TIME = re.compile(rf"(?<!\w)(?:{_TIME})(?!\w)|{_TIME_PARTS}")
_LANGUAGES_OF: defaultdict[str, set[str]] = defaultdict(set)
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF[_word].add(_language)
_KNOWN_PART = re.compile("|".join(sorted(_PARTS.split(), key=len, reverse=True)))


def asking_words(text: str) -> list[str]:
    """Return the question words and other function words that occur in `text`, case-folded.

    Example:
        >>> asking_words("What is منظمة معاهدة الأمن الجماعي?")
        ['what', 'is']
    """
    folded = _folded(text)
    return [word for word in WORD.findall(folded) if word in _LANGUAGES_OF] + _KNOWN_PART.findall(folded)


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
