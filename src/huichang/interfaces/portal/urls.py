"""The portal's pages with what each needs: public, an account, or a right over the car in the route."""

from __future__ import annotations

from huichang.domains.appointments.permissions import P as AppointmentsP
from huichang.domains.owners.permissions import P
from huichang.interfaces.portal import account, booking, bookings, cars, data, entry, waiting, wechat, wishes
from huichang.interfaces.portal.pages import OwnerDoor, owner_page

app_name = "portal"
PUBLIC, ACCOUNT = OwnerDoor.PUBLIC, OwnerDoor.ACCOUNT
CAR = "cars/<int:binding>"
BOOKING = f"{CAR}/bookings/<int:pk>"

urlpatterns = [
    owner_page("welcome", entry.welcome, needs=PUBLIC, name="welcome"),
    owner_page("sign-in", entry.sign_in, needs=PUBLIC, name="sign-in"),
    owner_page("register", entry.register, needs=PUBLIC, name="register"),
    owner_page("code", entry.code, needs=PUBLIC, name="code"),
    owner_page("code/again", entry.code_again, needs=PUBLIC, name="code-again", writes=True),
    owner_page("wechat", wechat.start, needs=PUBLIC, name="wechat"),
    owner_page("wechat/back", wechat.back, needs=PUBLIC, name="wechat-back"),
    owner_page("i/<str:token>", entry.invited, needs=PUBLIC, name="invited"),
    owner_page("b/<str:token>", entry.link, needs=PUBLIC, name="link"),
    owner_page("notice", entry.notice, needs=PUBLIC, name="notice"),
    owner_page("help", account.guide, needs=PUBLIC, name="help"),
    owner_page("language", account.language, needs=PUBLIC, name="language", writes=True),
    owner_page("", account.home, needs=ACCOUNT, name="home"),
    owner_page("me", account.me, needs=ACCOUNT, name="me"),
    owner_page("me/cars/add", account.add_car, needs=ACCOUNT, name="add-car"),
    owner_page("me/sign-out", account.sign_out, needs=ACCOUNT, name="sign-out", writes=True),
    owner_page("me/close", account.close, needs=ACCOUNT, name="close"),
    owner_page(CAR, cars.car, needs=P.USE, name="car"),
    owner_page(f"{CAR}/history", cars.history, needs=P.SEE_FILE, name="history"),
    owner_page(f"{CAR}/people", cars.people, needs=P.SHARE, name="people"),
    owner_page(f"{CAR}/people/<int:pk>/remove", cars.driver_remove, needs=P.SHARE, name="driver-remove", writes=True),
    owner_page(f"{CAR}/invites/<int:pk>/revoke", cars.invite_revoke, needs=P.SHARE, name="invite-revoke", writes=True),
    owner_page(f"{CAR}/messages", wishes.wishes, needs=P.CHOOSE, name="wishes"),
    owner_page(f"{CAR}/messages/quiet", wishes.quiet, needs=P.CHOOSE, name="wishes-quiet", writes=True),
    owner_page(f"{CAR}/messages/resume/<int:pk>", wishes.resume, needs=P.CHOOSE, name="wishes-resume", writes=True),
    owner_page(f"{CAR}/data", data.data, needs=P.ASK, name="data"),
    owner_page(f"{CAR}/data/copy", data.copy, needs=P.ASK, name="data-copy"),
    owner_page(f"{CAR}/data/<int:pk>/back", data.take_back, needs=P.ASK, name="data-back", writes=True),
    owner_page(f"{CAR}/leave", cars.leave, needs=P.USE, name="leave"),
    owner_page(f"{CAR}/book", booking.reasons, needs=AppointmentsP.BOOK, name="reasons"),
    owner_page(f"{CAR}/book/times", booking.times, needs=AppointmentsP.BOOK, name="times"),
    owner_page(f"{CAR}/book/confirm", booking.confirm, needs=AppointmentsP.BOOK, name="confirm"),
    owner_page(BOOKING, bookings.booking, needs=P.USE, name="booking"),
    owner_page(f"{BOOKING}/change", bookings.change, needs=AppointmentsP.CHANGE_OWN, name="change"),
    owner_page(f"{BOOKING}/cancel", bookings.cancel, needs=AppointmentsP.CHANGE_OWN, name="cancel"),
    owner_page(f"{BOOKING}/calendar.ics", bookings.calendar, needs=P.USE, name="calendar"),
    owner_page(f"{BOOKING}/photos", bookings.photos, needs=AppointmentsP.CHANGE_OWN, name="photos", writes=True),
    owner_page(f"{CAR}/photos/<int:pk>", bookings.photo, needs=P.USE, name="photo"),
    owner_page(f"{CAR}/photos/<int:pk>/remove", bookings.photo_remove, needs=P.USE, name="photo-remove", writes=True),
    owner_page(f"{CAR}/waiting", waiting.waiting, needs=AppointmentsP.BOOK, name="waiting"),
    owner_page(f"{CAR}/waiting/<int:pk>", waiting.answer, needs=AppointmentsP.BOOK, name="waiting-answer", writes=True),
    owner_page(f"{CAR}/waiting/leave", waiting.leave_list, needs=AppointmentsP.BOOK, name="waiting-leave", writes=True),
]  # fmt: skip
