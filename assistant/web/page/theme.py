"""The page's colours and type as a Gradio theme. Fonts are the system's, and one is ours."""

import gradio as gr

SANS = ("system-ui", "Segoe UI", "Noto Sans", "Noto Sans Arabic", "Reading Arabic", "Noto Sans CJK SC", "sans-serif")
MONO = ("ui-monospace", "Noto Sans Mono", "monospace")

# Every pair of text and ground has a contrast of at least 4.5 to 1: name, light, dark.
COLOURS = (
    ("body_background_fill", "#faf8f4", "#15181a"),
    ("background_fill_primary", "#ffffff", "#1d2124"),
    ("background_fill_secondary", "#f2eee6", "#111416"),
    ("block_background_fill", "#ffffff", "#1d2124"),
    ("panel_background_fill", "#ffffff", "#1d2124"),
    ("input_background_fill", "#ffffff", "#1d2124"),
    ("input_background_fill_focus", "#ffffff", "#1d2124"),
    ("border_color_primary", "#e2dcd0", "#32383c"),
    ("block_border_color", "#e2dcd0", "#32383c"),
    ("input_border_color", "#8b8375", "#858d91"),
    ("input_border_color_focus", "#0d5c63", "#83cdc6"),
    ("border_color_accent", "#0d5c63", "#83cdc6"),
    ("body_text_color", "#1f2326", "#ebe8e1"),
    ("body_text_color_subdued", "#5c5f5f", "#a9adab"),
    ("block_label_text_color", "#5c5f5f", "#a9adab"),
    ("block_label_background_fill", "#ffffff", "#1d2124"),
    ("block_title_text_color", "#1f2326", "#ebe8e1"),
    ("block_info_text_color", "#5c5f5f", "#a9adab"),
    ("input_placeholder_color", "#5c5f5f", "#a9adab"),
    ("color_accent_soft", "#e3f0ee", "#1b3436"),
    ("link_text_color", "#0d5c63", "#83cdc6"),
    ("link_text_color_hover", "#0a474c", "#a9e0da"),
    ("link_text_color_active", "#0d5c63", "#83cdc6"),
    ("link_text_color_visited", "#0d5c63", "#83cdc6"),
    ("button_primary_background_fill", "#0d5c63", "#83cdc6"),
    ("button_primary_background_fill_hover", "#0a474c", "#a9e0da"),
    ("button_primary_text_color", "#ffffff", "#0d2426"),
    ("button_primary_text_color_hover", "#ffffff", "#0d2426"),
    ("button_secondary_background_fill", "#ffffff", "#1d2124"),
    ("button_secondary_background_fill_hover", "#f2eee6", "#111416"),
    ("button_secondary_text_color", "#1f2326", "#ebe8e1"),
    ("button_secondary_text_color_hover", "#1f2326", "#ebe8e1"),
    ("button_cancel_background_fill", "#ffffff", "#1d2124"),
    ("button_cancel_background_fill_hover", "#fdf0dd", "#362a17"),
    ("button_cancel_text_color", "#a3261f", "#f39a92"),
    ("button_cancel_text_color_hover", "#a3261f", "#f39a92"),
    ("table_even_background_fill", "#ffffff", "#1d2124"),
    ("table_odd_background_fill", "#faf8f4", "#191d1f"),
    ("table_border_color", "#e2dcd0", "#32383c"),
    ("table_text_color", "#1f2326", "#ebe8e1"),
    ("slider_color", "#0d5c63", "#83cdc6"),
)


def build_theme() -> gr.themes.Base:
    """Return the theme."""
    theme = gr.themes.Base(
        primary_hue="teal", secondary_hue="teal", neutral_hue="stone", radius_size="lg", font=SANS, font_mono=MONO
    )
    values = {
        "color_accent": "#0d5c63",
        "block_shadow": "none",
        "button_border_width": "1px",
        "input_border_width": "1px",
        "block_label_shadow": "none",
    }
    for name, light, dark in COLOURS:
        values |= {name: light, f"{name}_dark": dark}
    return theme.set(**values)
