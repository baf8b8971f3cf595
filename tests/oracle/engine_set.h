// One filter, ready to run in every engine that there is.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bpfc/compile.h"
#include "bpfc/expected.h"
#include "tests/oracle/packet_corpus.h"

namespace bpfc::oracle {

// A packet's verdict is asked for by one of two machines, which differ in computed shifts past 31
// bits and in offsets past 2^32; verdicts are compared within one.
enum class MachineRules : std::uint8_t { kLibpcap, kKernel };

enum class EngineRole : std::uint8_t {
  kJudge,      // libpcap's unoptimized program
  kCompiler,   // a program of bpfc::compile()
  kReference,  // the reference evaluator
};

struct Engine {
  std::string name;
  std::string
      command;  // for a shell; empty: there is none. For a program of bpfc, without the packet
  EngineRole role;
  MachineRules rules;
  // None: does not end, or returns neither 0 nor the snaplen.
  std::function<std::optional<bool>(const CorpusPacket&)> accepts;
};

struct FilterText {
  std::string link_type;
  std::string expression;
  Target target = Target::kPlain;  // libpcap is asked for kPlain only
};

// What each compiler says to a filter. Empty: it takes it.
struct Refusals {
  std::array<std::string, 2> libpcap;  // by optimize: false, true
  std::array<std::string, 2> bpfc;     // the same
  std::string reference;
};

struct EngineSet {
  Refusals refusals;
  bool warned_of_no_match = false;    // by the compiler
  std::vector<Engine> engines;        // those that take the filter, the judge first
  std::vector<std::string> problems;  // programs of ours that do not verify, and why
  std::size_t longest_program = 0;    // of ours
};

inline constexpr std::uint32_t kTestNetmask = 0xffffff00U;

// `with_judge`: whether to ask libpcap, which does not know all of the language.
EngineSet make_engines(const FilterText& filter, bool with_judge = true);

// Quoted for a shell.
std::string shell_quoted(const std::string& text);

}  // namespace bpfc::oracle
