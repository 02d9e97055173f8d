"""A score given before rounds were kept with it speaks about the work as it stands: it is not asked for again."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    matters = apps.get_model("matters", "Matter").objects
    matters.filter(score__isnull=False).update(rated_round=F("rounds"))


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_rated_again_and_coached")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
