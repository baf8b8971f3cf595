// The examples in the project's documents: commands and what they print.
#pragma once

#include <string>
#include <vector>

namespace bpfc::docs {

// A line `$ COMMAND` and the lines below it, up to the next command or the end of the block.
struct Example {
  std::string command;
  std::string output;    // with line breaks
  std::size_t line = 0;  // of the command, from 1
};

// In a Markdown file the blocks that begin with ```console; in a manual page those between .EX and
// .EE, with their escapes undone.
std::vector<Example> read_examples(const std::string& path);

// Writes the outputs into the document in place of those that stand there.
void rewrite_examples(const std::string& path, const std::vector<Example>& examples);

}  // namespace bpfc::docs
