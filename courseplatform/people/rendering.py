from django.forms.renderers import TemplatesSetting


class DesignSystemRenderer(TemplatesSetting):
    """Gives every form the markup of Det Fælles Designsystem (templates/forms/)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
