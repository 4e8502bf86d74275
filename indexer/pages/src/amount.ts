// The numbers that stand for themselves in a text of any language of the packs: an amount of money,
// a share, or a count of a thousand and more; read as its language writes it.

export interface Amount {
  value: number;
  /// ISO 4217, "percent", or nothing for a count.
  unit: string | null;
  /// The words of the text.
  as: string;
}

const magnitudes: [number, string][] = [
  [1e3, "thousand k tausend tsd mille mil mila тысяча тысячи тысяч тыс ألف آلاف الف bin tysiąc"],
  [1e3, "tysiące tysięcy tys duizend 千 천"],
  [1e4, "万 萬 만"],
  [1e6, "million millions mn mln mio millionen mill millón millones milhão milhões milione"],
  [1e6, "milioni milyon milion milionów miliony миллион миллиона миллионов млн مليون ملايين"],
  [1e6, "مليونا 百万 백만"],
  [1e8, "亿 億 억"],
  [1e9, "billion billions bn milliarde milliarden mrd milliard milliards md mds bilhão bilhões"],
  [1e9, "bi miliardo miliardi mld milyar miliard miliardów miliardy миллиард миллиарда"],
  [1e9, "миллиардов млрд مليار مليارات مليارا 十亿 십억"],
  [1e12, "trillion trillions tn trn trilhão trilhões trilyon billón billones billionen bilion"],
  [1e12, "biliona bilionów bln триллион триллиона триллионов трлн تريليون تريليونات 兆 조 万亿"],
];
const factors = new Map<string, number>();
for (const [factor, words] of magnitudes)
  for (const word of words.split(" ")) factors.set(word, factor);
/// The longest first, where one begins with another (万亿 before 万).
const unspaced = [...factors.keys()]
  .filter((word) => /[\p{sc=Han}\p{sc=Hangul}]/u.test(word))
  .sort((a, b) => b.length - a.length);

/// What stands before or behind an amount; each is the beginning of a word.
const currencies: [string, string][] = [
  ["HKD", "HK$ 港元 港币"],
  ["CAD", "C$ CA$ 加元 カナダドル"],
  ["AUD", "A$ AU$ 澳元 豪ドル"],
  ["SGD", "S$ 新元 新加坡元"],
  ["TWD", "NT$ 新台币 新台幣 台湾ドル"],
  ["USD", "US$ U.S.$ $ dollar dólar dolar доллар دولار 美元 美金 米ドル ドル 달러 dollari usd"],
  ["EUR", "€ euro евро يورو 欧元 歐元 ユーロ 유로 avro eur"],
  ["GBP", "£ pound livre pfund libra фунт 英镑 ポンド 파운드 sterlin funt gbp"],
  ["CNY", "yuan yuans юан يوان 元人民币 人民币 人民元 元 위안 renminbi juan cny rmb"],
  ["JPY", "yen yens иен ين 日元 円 엔 jen jpy"],
  ["KRW", "₩ won 韩元 ウォン 원 вон krw"],
  ["RUB", "₽ rubl rubel рубл روبل 卢布 ルーブル 루블 roubl rub"],
  ["INR", "₹ rupee rupie roupie рупи روبية 卢比 ルピー inr"],
  ["TRY", "₺ lira liras lire лир"],
  ["PLN", "złot zł pln"],
  ["BRL", "R$ reais real"],
  ["SAR", "riyal ريال"],
  ["AED", "dirham درهم"],
];
const signs = currencies
  .flatMap(([code, words]) => words.split(" ").map((word): [string, string] => [word, code]))
  .sort((a, b) => b[0].length - a[0].length);

const percentWords =
  "[%％٪] 个百分点 per␣cento per␣?cent prozent pour␣cent por␣ciento por␣cento процент\\p{L}* проц " +
  "proc\\.? pct بالمئة بالمائة في␣المئة في␣المائة パーセント 퍼센트";
const percentBehind = new RegExp(
  `^[ \\u00a0\\u202f]?(?:${percentWords.replace(/ /g, "|").replace(/␣/g, " ")})`,
  "iu",
);
const percentBefore = /(?:%|yüzde |百分之)$/iu;
/// Before and behind a number that means nothing else than itself.
const glued = /[\p{L}\p{N}_.,:/+-]$/u;

const groupedByPoint = new Set(["de", "es", "it", "pt", "tr", "nl", "id"]);
const groupedBySpace = new Set(["fr", "ru", "pl", "uk", "cs"]);

/// Each sign stands at the place of the one that it was: digits of Arabic and full width are those
/// of ASCII.
const plainDigits = (text: string) =>
  text
    .replace(/[٠-٩]/g, (c) => String(c.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (c) => String(c.charCodeAt(0) - 0x6f0))
    .replace(/[０-９]/g, (c) => String(c.charCodeAt(0) - 0xff10))
    .replace(/٫/g, ".")
    .replace(/[٬，]/g, ",");

/// The value of digits with their marks, as the language writes them.
function valueOf(written: string, language: string): number {
  const joined = written.replace(/[ \u00a0\u202f'’]/g, "");
  const byComma = groupedByPoint.has(language) || groupedBySpace.has(language);
  const last = Math.max(joined.lastIndexOf("."), joined.lastIndexOf(","));
  if (last < 0) return Number(joined);
  const mark = joined[last]!;
  const other = mark === "." ? "," : ".";
  const times = joined.split(mark).length - 1;
  const grouped = /^\d{1,3}(?:[.,]\d{3})+$/.test(joined);
  // 1.234,5 and 1,234.5 say themselves; 1,234 is what the language means by it
  const isDecimal =
    times === 1 && (joined.includes(other) || !grouped || (mark === ",") === byComma);
  if (!isDecimal) return Number(joined.replace(/[.,]/g, ""));
  return Number(joined.slice(0, last).replace(/[.,]/g, "") + "." + joined.slice(last + 1));
}

interface Read {
  factor: number;
  length: number;
}
const nothing: Read = { factor: 1, length: 0 };

/// What multiplies a number, as far as it stands behind it: "thousand million" is two words.
function multiplied(behind: string): Read {
  let factor = 1;
  let at = 0;
  for (let words = 0; words < 3; ++words) {
    const rest = behind.slice(at);
    const sign = unspaced.find((word) => rest.startsWith(word));
    const word = /^[ \u00a0\u202f-]?(\p{L}+)\.?/u.exec(rest);
    const known = sign ? factors.get(sign) : word && factors.get(word[1]!.toLowerCase());
    if (!known) break;
    factor *= known;
    at += sign ? sign.length : word![0].length;
  }
  return at ? { factor, length: at } : nothing;
}

const shortWord = /^(?:bn|tn|mn|k)$/;
/// "$5.5bn": a short word that is written onto the number.
function writtenOn(behind: string): Read {
  const word = /^(bn|tn|mn|m|k|b)(?!\p{L})/iu.exec(behind);
  if (!word) return nothing;
  const known = { m: 1e6, b: 1e9 }[word[1]!.toLowerCase()];
  const short = shortWord.test(word[1]!.toLowerCase()) && factors.get(word[1]!.toLowerCase());
  return { factor: known ?? (short || 1), length: word[1]!.length };
}

const between = /^(?:[ \u00a0\u202f]|-|de |d['’]|di |of |دي )*/iu;
function currencyBehind(behind: string): { code: string; length: number } | null {
  const gap = between.exec(behind)![0].length;
  const rest = behind.slice(gap).toLowerCase();
  const us =
    /^(?:u\.?s\.? |us-|american |американск\p{L}* |amerikan )/u.exec(rest)?.[0].length ?? 0;
  const found = signs.find(([word]) => rest.startsWith(word.toLowerCase(), us));
  if (!found) return null;
  const word = found[0];
  // a short word is the whole word: "won" is no "wonder"
  const more = /^\p{L}*/u.exec(rest.slice(us + word.length))![0].length;
  const spaced = /^[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Arabic}]/u.test(word);
  if (spaced && more > 3) return null;
  return { code: found[1], length: gap + us + word.length + (spaced ? more : 0) };
}
function currencyBefore(before: string): { code: string; length: number } | null {
  const near = before.replace(/[ \u00a0\u202f]$/, "");
  const found = signs.find(([word]) => !/^\p{L}+$/u.test(word) && near.endsWith(word));
  return found ? { code: found[1], length: before.length - near.length + found[0].length } : null;
}

const number = /\d{1,3}(?:[ \u00a0\u202f'’.,]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?/g;
const isYear = (written: string) => /^(?:19|20)\d\d$/.test(written);
const leastCount = 1000;
const mostSigns = 1000; // of a text: what happened stands in its beginning

/// How much a number says for itself: money, a share, a count with its word, a bare count.
const ranks = { money: 3, percent: 2, count: 1 };

interface Candidate extends Amount {
  rank: number;
  from: number;
  to: number;
}

/// A number and what stands around it; nothing where it says nothing for itself.
function candidate(text: string, begin: number, written: string, language: string) {
  const before = text.slice(Math.max(0, begin - 12), begin);
  const money = currencyBefore(before);
  const plain = money ? before.slice(0, -money.length) : before;
  let value = valueOf(written, language);
  let end = begin + written.length;
  let factor = 1;
  // 5兆3000億 is one
  for (let part = value, last = Infinity; ; ) {
    const read = [writtenOn(text.slice(end)), multiplied(text.slice(end))].sort(
      (a, b) => b.length - a.length,
    )[0]!;
    if (read.factor >= last) break;
    value = last === Infinity ? part * read.factor : value + part * read.factor;
    factor = Math.max(factor, read.factor);
    end += read.length;
    const next = read.factor > 1 && /^\d[\d,]*/.exec(text.slice(end));
    if (!next || !multiplied(text.slice(end + next[0].length)).length) break;
    last = read.factor;
    part = valueOf(next[0], language);
    end += next[0].length;
  }
  const behind = text.slice(end, end + 30);
  const share = percentBehind.exec(behind);
  const sum = money ?? currencyBehind(behind);
  const found = (unit: string | null, from: number, to: number, rank: number): Candidate => ({
    value,
    unit,
    as: "", // cut out of the text as it was written, below
    from,
    to,
    rank,
  });
  if (share) return found("percent", begin, end + share[0].length, ranks.percent);
  const named = percentBefore.exec(before);
  if (named) return found("percent", begin - named[0].length, end, ranks.percent);
  if (money) return found(money.code, begin - money.length, end, ranks.money);
  if (glued.test(plain) && !/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hangul}]$/u.test(plain))
    return null;
  if (sum) return found(sum.code, begin, end + sum.length, ranks.money);
  const grouped = /\d[ \u00a0\u202f'’.,]\d{3}(?!\d)/.test(written);
  if (value < leastCount || (factor === 1 && !grouped)) return null;
  if (isYear(written) || /^[\p{sc=Latin}%]/u.test(behind)) return null;
  return found(null, begin, end, ranks.count);
}

/// The number that says most for itself, of several the first; null where there is none.
export function amountIn(text: string, language: string): Amount | null {
  const plain = plainDigits(text.slice(0, mostSigns));
  let best: Candidate | null = null;
  let end = 0;
  for (const match of plain.matchAll(number)) {
    if (match.index! < end) continue;
    const found = candidate(plain, match.index!, match[0], language.split("-")[0]!);
    if (!found || !isFinite(found.value) || found.value <= 0) continue;
    end = match.index! + match[0].length;
    if (!best || found.rank > best.rank) best = found;
  }
  return best && { value: best.value, unit: best.unit, as: text.slice(best.from, best.to).trim() };
}
