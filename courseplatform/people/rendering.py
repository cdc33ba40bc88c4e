from typing import Any

from django.forms import BoundField, CheckboxInput, FileInput, Select, Widget
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import ChoiceWidget

# What draws itself: a box, a row of buttons, the browser's own file field.
BARE = (CheckboxInput, ChoiceWidget, FileInput)


class DesignSystemField(BoundField):
    """A field with the design system's classes, unless its form has chosen some."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        """Names the help and the errors beside the field too: Django does."""
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if "class" not in widget.attrs and (name := design_class(widget)):
            attrs.setdefault("class", name)
        return attrs


def design_class(widget: Widget) -> str:
    """The design system's class for that kind of field, or nothing for what draws itself."""
    if isinstance(widget, Select):
        return "form-select"
    return "" if widget.is_hidden or isinstance(widget, BARE) else "form-input"


class DesignSystemRenderer(TemplatesSetting):
    """Gives every form the markup of Det Fælles Designsystem (templates/forms/)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = DesignSystemField
