"""The privacy notice, block by block, of the version that members.types names; a new text needs a new version."""

from __future__ import annotations

#: (kind of block, Chinese, English); what it says is what the rooms do (docs/decisions/0005-who-signs-in-how.md).
NOTICE: tuple[tuple[str, str, str], ...] = (
    ("h", "我们记录什么", "What we keep"),
    (
        "p",
        "手机号、您填写的称呼、选择的自提点、订单与付款、取货、售后与您发来的照片，何时同意了哪一版说明。",
        "Your phone number, the name you give yourself, your pickup point, orders and payments, collections, claims "
        "and the photos you send with them, and when you agreed to which version of this notice.",
    ),
    (
        "p",
        "客户端随机生成的安装标记，只存摘要，不读取设备本身的任何编号；退出登录后一天、不用满三十一天即删。",
        "A mark that the client made up at random when it was installed: its digest only, and no number of the device "
        "itself. It is deleted a day after you sign out, or after 31 days without use.",
    ),
    (
        "p",
        "领过新人奖励的，手机号和安装标记的摘要留一百八十天；注销后它不再与您的编号相连，到期即删。",
        "Of whoever had a newcomer's reward, digests of phone and mark for 180 days; once you are forgotten they are "
        "no longer tied to your number, and are deleted when that time is over.",
    ),
    ("h", "用来做什么", "What for"),
    (
        "li",
        "手机号只用于登录、取货和售后通知。",
        "Your phone is used for signing in, collecting and after-sale messages only.",
    ),
    (
        "li",
        "安装标记和摘要只用于看出一个人冒充多人领奖励；可疑的奖励由人来看，不由机器拒绝。",
        "The mark and the digests serve to tell when one person collects rewards as many; people, not machines, "
        "decide on rewards that look suspicious.",
    ),
    (
        "li",
        "团长只看到打码的称呼和手机号；搭伴的邻居只看到打码的称呼。",
        "Leaders see your name and phone masked; neighbours in a household basket see your name masked.",
    ),
    (
        "li",
        "照片里的拍摄地点和设备信息在收到时即被删除。",
        "Where and with which device a photo was taken is cut out of it as it arrives.",
    ),
    ("h", "您可以", "You may"),
    ("li", "随时导出全部数据。", "Export everything, at any time."),
    (
        "li",
        "随时注销：姓名、手机号、安装标记和照片会被删除，订单只以编号留在账里。",
        "Be forgotten at any time: name, phone, marks and photos are deleted; orders stay in the books with a number "
        "only.",
    ),
)
