// Every example in the documents prints what the document says. With BPFC_REBASE=1 the Markdown
// files are rewritten to say what the examples print.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "document.h"

namespace bpfc::docs {
namespace {

// Standard output and error of a shell command, run in the source folder with the built bpfc in
// PATH.
std::string run(const std::string& command) {
  const std::string script = "cd '" BPFC_SOURCE_DIR "' && PATH='" BPFC_PROGRAM_DIR
                             "':\"$PATH\" && export TZ=UTC && exec 2>&1 && " +
                             command;
  FILE* pipe = popen(script.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::string output;
  std::array<char, 4096> block{};
  for (std::size_t got = 0; (got = fread(block.data(), 1, block.size(), pipe)) > 0;) {
    output.append(block.data(), got);
  }
  pclose(pipe);
  return output;
}

class Document : public testing::TestWithParam<const char*> {};

TEST_P(Document, ExamplesPrintWhatItSays) {
  const std::string path = std::string(BPFC_SOURCE_DIR "/") + GetParam();
  std::vector<Example> examples = read_examples(path);
  ASSERT_FALSE(examples.empty()) << path;
  const bool rebase = std::getenv("BPFC_REBASE") != nullptr;
  for (Example& example : examples) {
    const std::string output = run(example.command);
    if (rebase) {
      example.output = output;
    } else {
      EXPECT_EQ(output, example.output) << path << ":" << example.line << ": " << example.command;
    }
  }
  if (rebase) rewrite_examples(path, examples);
}

INSTANTIATE_TEST_SUITE_P(All, Document,
                         testing::Values("README.md", "docs/bpfc.1", "docs/bpfc-filter.7"),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace bpfc::docs
