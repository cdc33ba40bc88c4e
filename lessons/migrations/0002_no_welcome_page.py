from django.db import migrations
from django.db.models import F

WELCOME = "Welcome to your new Wagtail site!"


def remove_welcome_page(apps, schema_editor):
    """Wagtail's own first page, and the public site it stands for: pages are never served here."""
    pages = apps.get_model("wagtailcore", "Page").objects
    welcome = pages.filter(depth=2, title=WELCOME, numchild=0).first()
    if welcome is not None:
        apps.get_model("wagtailcore", "Site").objects.filter(root_page=welcome).delete()
        pages.filter(pk=welcome.pk).delete()
        pages.filter(depth=1).update(numchild=F("numchild") - 1)


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]
    operations = [migrations.RunPython(remove_welcome_page, migrations.RunPython.noop)]
