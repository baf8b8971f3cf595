// The examples in the project's documents: commands and what they print, or filters.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bpfc::docs {

struct Line {
  std::string text;        // as a reader sees it: roff's escapes undone
  std::size_t number = 0;  // in the file, from 1
};

// What stands between two marks: in a Markdown file ```console and ```; in a manual page .EX and
// .EE. Not empty.
using Block = std::vector<Line>;

std::vector<Block> read_blocks(const std::string& path);

// A block whose first line is `$ COMMAND` holds commands and their output, and nothing else.
bool holds_commands(const Block& block);

// A line `$ COMMAND` and the lines below it, up to the next command or the end of the block.
struct Example {
  std::string command;
  std::string output;    // with line breaks
  std::size_t line = 0;  // of the command, from 1
};

// Those of all blocks that hold commands.
std::vector<Example> read_examples(const std::string& path);

// Writes the outputs into the document in place of those that stand there.
void rewrite_examples(const std::string& path, const std::vector<Example>& examples);

}  // namespace bpfc::docs
