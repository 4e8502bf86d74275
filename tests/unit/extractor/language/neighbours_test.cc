#include "extractor/language/neighbours.h"

#include <gtest/gtest.h>

#include "extractor/language/language.h"

namespace vigie::extractor::language {
namespace {

struct Case {
  const char* text;
  const char* declared;
  const char* code;
};

TEST(Neighbours, TellsJapaneseOfFewKanaFromChinese) {
  for (const Case& one : {
           Case{"政府、冬季連絡船運航停止決定。離島住民対象説明会実施。「代替便検討」担当者発表。",
                "", "ja"},
           {"政府、冬季連絡船運航停止決定。離島住民対象説明会実施。「代替便検討」担当者発表。",
            "en", "ja"},
           {"連絡船会社、冬季運休を発表", "ja", "ja"},
           {"経済産業省、半導体関連企業支援拡充", "", "ja"},
           {"首相訪米、日程調整", "ja", "ja"},
           {"政府宣布冬季停止两岛之间的渡轮，居民们说没有人通知他们。", "ja", "zh"},
           {"政府宣布冬季停止兩島之間的渡輪，居民們說沒有人通知他們。", "ja", "zh"},
           {"渡輪公司宣布停航，居民不滿", "zh-TW", "zh"},
           {"港務局宣布渡輪在春天之前不會開航，部長將於週五到訪。", "ja", "zh"},
           {"优惠の店：老板说这里的茶很好喝，欢迎大家来品尝。", "", "zh"},
           {"日本首相岸田文雄说，两国将就半导体问题继续会谈。", "", "zh"},
           {"이 회사는 겨울에 배를 운항하지 않는다고 말했다", "ja", "ko"},
       })
    EXPECT_EQ(identify(one.text, one.declared).code, one.code) << one.text;
}

TEST(Neighbours, TellsDanishNorwegianAndSwedish) {
  for (const Case& one : {
           Case{"Færgen mellem de to øer bliver lagt op til vinter, siger selskabet i en "
                "meddelelse.",
                "", "da"},
           {"Rederiet har ikke sagt noget til beboerne, og skolen blev lukket efter sommerferien.",
            "en", "da"},
           {"Oplysningerne om situationen er nogle uger gamle, siger politikerne.", "", "da"},
           {"Fergen mellom de to øyene blir lagt i opplag til vinteren, sier selskapet i en "
            "melding.",
            "", "no"},
           {"Rederiet har ikke sagt noe til beboerne, og skolen ble stengt etter sommerferien.",
            "en", "no"},
           {"Ferja går ikkje til vinteren, seier selskapet, og dei som bur på øya fekk det ikkje "
            "vite.",
            "", "no"},
           {"Färjan mellan öarna läggs ned till vintern, säger bolaget, och ingen har fått veta "
            "det.",
            "", "sv"},
       })
    EXPECT_EQ(identify(one.text, one.declared).code, one.code) << one.text;
}

}  // namespace
}  // namespace vigie::extractor::language
