"""After a restore no used link, no revoked invitation and no sent mail comes to life again."""

from datetime import timedelta

from siach.org.actions import sign_in_link
from siach.org.inviting import invite
from siach.org.mail import deliver, send
from siach.org.models import Invitation, LedgerEntry, Mail, Org, SignInLink
from siach.org.restored import close_what_was_open
from tests.world import World


def test_what_was_open_ends_and_is_told(world: World) -> None:
    sign_in_link(at=world.at, address="http://x", user=world.noam)
    mail = send("dana@example.test", "x", "y", "he", org=world.org, at=world.at)
    invite(team=world.noam.memberships.get().team, role="agent", email="new@example.test", by=world.noam, at=world.at)
    later = world.at + timedelta(minutes=1)
    close_what_was_open(since=world.at, erasures=[], at=later)
    assert not SignInLink.objects.get().is_open(at=later)
    assert not Invitation.objects.get().is_open(at=later)
    deliver(mail_id=mail.pk, at=later + timedelta(days=1))
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.FAILED}
    entries = LedgerEntry.objects.filter(name="org.restored")
    assert {(entry.org_id, entry.by_id) for entry in entries} == {(org.pk, None) for org in Org.objects.all()}
    page = world.client(world.noam).get("/activity/")
    assert "שיח שוחזר מגיבוי" in page.text
    assert "שיח שוחזר מגיבוי" not in world.client(world.dana).get("/activity/").text
