#pragma once

#include <iosfwd>
#include <string>

namespace vigie::extractor::commands {

/// Each problem as FILE:LINE:COL: message on `err`, warnings too. 0: no problem; 1: some; 3: no
/// pack there.
int run_topics_lint(const std::string& pack, std::ostream& out, std::ostream& err);
/// Tags the examples of the pack. Each that fails is FILE:LINE:COL: message on `err`; one summary
/// line {"examples","failed"} on `out`. 0, 1, 3 as above.
int run_topics_test(const std::string& pack, std::ostream& out, std::ostream& err);
/// {"id","kind","names","definition"|"qid",…} a line: topics, then actors. 0 or 3.
int run_topics_list(const std::string& pack, std::ostream& out, std::ostream& err);
/// Writes a small pack that loads into a folder that is empty or not there: {"file"} a line. The
/// folder's name is the pack's. 0; 2: no name of a pack; 3: it cannot be written.
int run_topics_new(const std::string& pack, std::ostream& out, std::ostream& err);

}  // namespace vigie::extractor::commands
