"""The page: a Gradio app. `build.build_page` puts it together; each tab is a module, and `render` makes its HTML."""
