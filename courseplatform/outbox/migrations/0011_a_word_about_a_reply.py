"""A kind of message that answers somebody's own mail."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0010_fewer_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='kind',
            field=models.CharField(choices=[('conversation', 'conversation'), ('reminder', 'reminder'), ('survey', 'survey'), ('prompt', 'question'), ('event', 'calendar'), ('welcome', 'welcome'), ('back_off', 'a word about the questions'), ('reply', 'a word about a reply by e-mail')], max_length=12),
        ),
    ]
