"""Who carries what: the providers' transports made known to the domain that hands messages over."""

from __future__ import annotations

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Last of the installed apps: when it is ready, all the others are."""

    name = "huichang.config"
    label = "wiring"
    verbose_name = "接线"

    def ready(self) -> None:
        from huichang.channels.email.smtp import Smtp
        from huichang.channels.sms.aliyun import Aliyun
        from huichang.channels.sms.tencent import Tencent
        from huichang.channels.wechat.mini import Mini
        from huichang.channels.wechat.official import Official
        from huichang.domains.complaints.queries import hold_of
        from huichang.domains.contacts import holds, links
        from huichang.domains.contacts.transport import register
        from huichang.domains.owners.links import of_message

        register("aliyun", Aliyun)
        register("tencent", Tencent)
        register("official", Official)
        register("mini", Mini)
        register("smtp", Smtp)
        links.register(of_message)
        holds.register(hold_of)
