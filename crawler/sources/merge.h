#pragma once

#include <map>
#include <string>
#include <vector>

#include "crawler/sources/sources.h"
#include "proto/source_edit.pb.h"

namespace vigie::crawler::sources {

/// What people said of sources, by source id.
using Edits = std::map<std::string, v1::SourceEdit>;

/// The sources that are crawled: those of the files with what people changed of them, then those
/// that people added, in order of their addition. The same of the same, whoever merges. Pure.
///
/// Conflicts are resolved so, and the entry's `note` tells which:
///  1. A file goes before people: an id that a file lists is the file's source. What people added
///     under it stands aside, and is in force again once the file lists it no longer.
///  2. Of a file's source, people change the fields that their edit names, and nothing else.
///  3. A URL belongs to the source to which a file gives it, else to the one that names it
///     first in that order; the others lose it.
///  4. A source that names no URL, or none that is left to it, is told of and not polled
///     (`refused`). So is what people added beyond the most sources of a deployment. A change that
///     would leave a source of a file without URLs leaves it those of the file.
///  5. A change of a source that is nowhere waits, and takes effect when a file lists it.
SourceList merge(SourceList files, const Edits& edits);

}  // namespace vigie::crawler::sources
