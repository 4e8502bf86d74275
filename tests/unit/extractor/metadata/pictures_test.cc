#include "extractor/metadata/pictures.h"

#include <gtest/gtest.h>

#include <string>

#include "extractor/metadata/metadata.h"

namespace vigie::extractor::metadata {
namespace {

std::string image_of(const std::string& body) {
  const std::string page = "<body>" + body;
  return read(dom::parse(page), {"https://courier.example/n/1", {}}).image_url;
}

struct Case {
  const char* what;
  const char* body;
  const char* image;
};

const std::string kA = "https://img.example/a.jpg";

// HTML §4.8.4.2.2: an address of a srcset ends at white space, commas belong to it.
TEST(Pictures, ReadsSrcsetByTheStandard) {
  for (
      const Case& one : {
          Case{"one", "<figure><img srcset='https://img.example/a.jpg'></figure>", kA.c_str()},
          {"the largest width",
           "<figure><img srcset='https://img.example/s.jpg 320w, https://img.example/a.jpg 800w, "
           "https://img.example/m.jpg 640w'></figure>",
           kA.c_str()},
          {"the largest density",
           "<figure><img srcset='https://img.example/s.jpg, https://img.example/a.jpg "
           "2x'></figure>",
           kA.c_str()},
          {"commas within", "<figure><img srcset='https://img.example/w_8,h_4/a.jpg 8w'></figure>",
           "https://img.example/w_8,h_4/a.jpg"},
          {"commas within and at the end",
           "<figure><img srcset='https://img.example/w_8,h_4/a.jpg, "
           "https://img.example/w_4,h_2/s.jpg 0.5x'></figure>",
           "https://img.example/w_8,h_4/a.jpg"},
          {"no blank behind the comma is no new candidate",
           "<figure><img srcset='https://img.example/a.jpg,https://img.example/b.jpg 2x'></figure>",
           "https://img.example/a.jpg,https://img.example/b.jpg"},
          {"line breaks",
           "<figure><img srcset='\n  https://img.example/s.jpg 1x,\n  "
           "https://img.example/a.jpg\n 3x\n'></figure>",
           kA.c_str()},
          {"references", "<figure><img srcset='https://img.example/a.jpg?x=1&amp;y=2 2x'></figure>",
           "https://img.example/a.jpg?x=1&y=2"},
          {"an empty picture first",
           "<figure><img srcset='data:image/gif;base64,R0 1x, https://img.example/a.jpg "
           "0.5x'></figure>",
           kA.c_str()},
          {"nothing", "<figure><img srcset=' , , '></figure>", ""},
      })
    EXPECT_EQ(image_of(one.body), one.image) << one.what;
}

TEST(Pictures, ReadsLazyOnes) {
  for (const Case& one : {
           Case{"data-src",
                "<figure><img src=/blank.gif data-src=https://img.example/a.jpg></figure>",
                kA.c_str()},
           {"data-actualsrc",
            "<figure><img src=/x.gif data-actualsrc=https://img.example/a.jpg></figure>",
            kA.c_str()},
           {"data-lazy-src", "<figure><img data-lazy-src=https://img.example/a.jpg></figure>",
            kA.c_str()},
           {"data-lazyload",
            "<figure><img src=/spacer.gif data-lazyload=https://img.example/a.jpg>", kA.c_str()},
           {"data-original", "<figure><img data-original=https://img.example/a.jpg></figure>",
            kA.c_str()},
           {"data-srcset and a picture that stands in",
            "<figure><img src=/img/placeholder.png data-srcset='https://img.example/a.jpg "
            "9w'></figure>",
            kA.c_str()},
           {"data-lazy-srcset",
            "<figure><img src='data:image/gif;base64,R0' "
            "data-lazy-srcset='https://img.example/a.jpg 9w'></figure>",
            kA.c_str()},
           {"noscript",
            "<figure><img src='data:image/gif;base64,R0'><noscript><img "
            "src=https://img.example/a.jpg></noscript></figure>",
            kA.c_str()},
           {"a picture in noscript",
            "<figure><noscript><picture><source srcset=https://img.example/a.webp><img "
            "src=https://img.example/a.jpg></picture></noscript></figure>",
            kA.c_str()},
           {"a source alone",
            "<figure><picture><source data-srcset='https://img.example/a.jpg 1x'><img "
            "alt=x></picture></figure>",
            kA.c_str()},
           {"amp-img", "<figure><amp-img src=https://img.example/a.jpg></amp-img></figure>",
            kA.c_str()},
           {"no address in data",
            "<figure><img src=https://img.example/a.jpg data-src-config='{\"a\":1}'></figure>",
            kA.c_str()},
           {"a file with such a word is a picture",
            "<figure><img src=https://img.example/blankets-for-all.jpg></figure>",
            "https://img.example/blankets-for-all.jpg"},
           {"a film is none",
            "<figure><video><source src=https://img.example/v.mp4></video></figure>", ""},
       })
    EXPECT_EQ(image_of(one.body), one.image) << one.what;
}

// What scripts of any site load is told by its value.
TEST(Pictures, ReadsLazyOnesUnderAnyName) {
  for (const Case& one : {
           Case{"a file under any name",
                "<figure><img src=/img/blank.gif data-orig-file=https://img.example/a.jpg "
                "data-medium-file=https://img.example/m.jpg></figure>",
                kA.c_str()},
           {"a file under any name, not the small one",
            "<figure><img src=/img/blank.gif data-thumb=https://img.example/t.jpg "
            "x-full='https://img.example/a.jpg'></figure>",
            kA.c_str()},
           {"the small one where there is no other",
            "<figure><img src='data:,' data-thumbnail=https://img.example/a.jpg></figure>",
            kA.c_str()},
           {"a set under any name",
            "<figure><img src=/img/blank.gif data-sizes-of='https://img.example/s.jpg 300w, "
            "https://img.example/a.jpg 900w'></figure>",
            kA.c_str()},
           {"a service's URL that its name calls a picture",
            "<figure><img src=/img/blank.gif data-photo-url=https://img.example/r/9f31></figure>",
            "https://img.example/r/9f31"},
           {"the picture itself stays",
            "<figure><img src=https://img.example/a.jpg "
            "data-orig-file=https://img.example/o.jpg></figure>",
            kA.c_str()},
           {"a page is no picture",
            "<figure><img src=/img/blank.gif data-permalink=https://img.example/a.html "
            "data-note='see a.jpg, then b.jpg'></figure>",
            ""},
       })
    EXPECT_EQ(image_of(one.body), one.image) << one.what;
}

TEST(Pictures, TakesAPictureOfTheStoryWithoutAFigure) {
  for (const Case& one : {
           Case{"in a paragraph",
                "<h1>Ferry</h1><p><img src=https://img.example/a.jpg width=800></p>", kA.c_str()},
           {"without a size",
            "<article><h1>Ferry</h1><div><img src=https://img.example/a.jpg></div>", kA.c_str()},
           {"lazy in noscript",
            "<h1>Ferry</h1><p><img class=lazy src='data:image/gif;base64,R0'>"
            "<noscript><img src=https://img.example/a.jpg></noscript></p>",
            kA.c_str()},
           {"behind small ones",
            "<h1>F</h1><img src=/s.jpg width=40 height=40><img "
            "src=https://img.example/a.jpg width=900>",
            kA.c_str()},
           {"above the headline", "<img src=/top.jpg width=900><h1>Ferry</h1>", ""},
           {"a portrait", "<h1>F</h1><img class=avatar src=/p.jpg><img src=/logo-big.png>", ""},
           {"in the foot", "<h1>F</h1><p>text</p><footer><img src=/f.jpg width=900></footer>", ""},
           {"beside the story", "<h1>F</h1><aside><img src=/f.jpg width=900></aside>", ""},
           {"what counts readers", "<h1>F</h1><img src=https://t.example/c?x width=1 height=1>",
            ""},
           {"no headline, no article", "<img src=https://img.example/a.jpg width=900>", ""},
           {"a figure comes first",
            "<h1>F</h1><img src=/b.jpg width=900><figure><img "
            "src=https://img.example/a.jpg></figure>",
            kA.c_str()},
       })
    EXPECT_EQ(image_of(one.body), one.image) << one.what;
}

}  // namespace
}  // namespace vigie::extractor::metadata
