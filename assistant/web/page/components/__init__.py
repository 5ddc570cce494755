"""Components that Gradio has no ready one for, made of `gr.HTML`; what they do in the browser is in `static/`.

They are functions, because Gradio writes a file beside each class that extends one of its own. Their scripts are files,
because Gradio copies what a component holds for each visitor.
"""
