// The commands. Each takes a parsed command line and returns the exit code.
#pragma once

#include "cli/capture_files.h"
#include "cli/filter_options.h"
#include "cli/program_format.h"
#include "cli/terminal.h"

namespace bpfc::cli {

enum ExitCode : int {
  kDone = 0,
  kBad = 1,    // the filter, the program or a file is bad, or output could not be written
  kUsage = 2,  // the command line is wrong
  // Of proofs, where kDone is yes, kBad is no, and kUsage is what is bad otherwise.
  kUnknown = 3,
};

// bpfc EXPRESSION: prints the program, or what --dump asks for. Where the optimization is to be
// verified the exit code is that of a proof.
struct CompileCommand {
  FilterOptions filter;
  const ProgramFormat* format = &program_formats().front();
  std::string dump;
  bool statistics = false;
  bool time_passes = false;
  bool verify_optimization = false;
};
int run(const CompileCommand& command, Terminal& terminal);

// bpfc --explain-cost: the program, and what each instruction costs.
struct ExplainCommand {
  FilterOptions filter;
  std::string input;  // a capture file; empty: how far each instruction is from the start
};
int run(const ExplainCommand& command, Terminal& terminal);

// bpfc -r FILE EXPRESSION.
struct ReadCommand {
  FilterOptions filter;
  std::string input;                   // - is standard input
  std::string output;                  // empty: one line a packet; - is standard output
  std::optional<std::uint64_t> limit;  // stop after so many matches
  bool count_only = false;
  bool statistics = false;
  const ProgramFormat* print_program = nullptr;  // instead of reading packets
  std::string dump;
  bool time_passes = false;  // where the program is printed
};
int run(const ReadCommand& command, Terminal& terminal);

// bpfc -i INTERFACE EXPRESSION.
struct CaptureCommand {
  FilterOptions filter;
  std::string interface;               // a name, an index, any; empty: the first that is up
  CaptureFileOptions files;            // without a path: one line a packet
  std::optional<std::uint64_t> limit;  // stop after so many packets
  bool lines = false;                  // also where they are written to a file
  bool count_only = false;
  bool promiscuous = true;
  bool immediate = false;
  CaptureDirection direction = CaptureDirection::kBoth;
  std::size_t ring_bytes = std::size_t{8} << 20U;  // of all rings
  unsigned threads = 1;
  bool statistics = false;
  std::string user;  // to become once the sockets are open; empty: nobody else
  const ProgramFormat* print_program = nullptr;  // of the kernel's filter, instead of capturing
};
int run(const CaptureCommand& command, Terminal& terminal);

// bpfc run: prints verdicts.
struct RunCommand {
  FilterOptions filter;
  std::string program;  // a file; empty: the filter is compiled
  std::string packet;   // hexadecimal; empty: packets come from `input`
  std::optional<std::uint32_t> wire_length;
  std::string input;
  bool libpcap_rules = false;
  bool statistics = false;
};
int run(const RunCommand& command, Terminal& terminal);

// bpfc optimize: prints a program file as a shorter program.
struct OptimizeCommand {
  std::string program;  // a file
  const ProgramFormat* format = &program_formats().front();
  bool full = false;  // what a proof shows needless goes too
  bool statistics = false;
};
int run(const OptimizeCommand& command, Terminal& terminal);

// bpfc sockets: lists the packet sockets of this network namespace, with their filters.
struct SocketsCommand {
  std::string interface;  // only those that hear it: by name or index; empty: all
};
int run(const SocketsCommand& command, Terminal& terminal);

// bpfc check: whether every engine says the same of every packet.
struct CheckCommand {
  FilterOptions filter;
  bool has_filter = false;
  std::string program;  // a file; with a filter: whether it is the same one
  std::string input;    // a capture file; empty: packets are made alone
  std::optional<std::uint32_t> random_packets;
  std::optional<std::uint64_t> seed;  // none: a fresh one
  // The one packet to check on, instead of all those; hexadecimal.
  std::optional<std::string> packet;
  std::optional<std::uint32_t> wire_length;
  std::string ancillary;
};
int run(const CheckCommand& command, Terminal& terminal);

// bpfc bench: how fast each engine runs a filter.
struct BenchCommand {
  FilterOptions filter;
  std::string input;   // a capture file; empty: traffic is made
  bool native = true;  // beside the C compiler's code, where there is a compiler
};
int run(const BenchCommand& command, Terminal& terminal);

// bpfc fuzz: random filters and programs in every engine.
struct FuzzCommand {
  std::uint32_t seconds = 10;
  std::optional<std::uint64_t> seed;  // none: a fresh one
};
int run(const FuzzCommand& command, Terminal& terminal);

enum class ProofQuestion : std::uint8_t { kEquivalence, kImplication, kOverlap, kSatisfaction };

// bpfc equiv, implies, overlap and satisfy.
struct ProveCommand {
  ProofQuestion question = ProofQuestion::kEquivalence;
  std::vector<std::string> texts;  // filters, or @ and program files: two, of satisfy one
  FilterOptions filter;
  bool matches_only = false;
  bool libpcap_rules = false;
  std::uint32_t timeout_seconds = 10;
  std::string output;  // a capture file for the packet; empty: none
};
int run(const ProveCommand& command, Terminal& terminal);

// bpfc -L.
int list_link_types(Terminal& terminal);

// bpfc -D.
int list_interfaces(Terminal& terminal);

// `bpfc check` and what follows, the word `check` being the first of the arguments.
int run_check_command_line(int argument_count, const char* const* arguments, Terminal& terminal);

// The same for `bench`.
int run_bench_command_line(int argument_count, const char* const* arguments, Terminal& terminal);
// The same of `bpfc optimize`.
int run_optimize_command_line(int argument_count, const char* const* arguments, Terminal& terminal);

// The same for `fuzz`.
int run_fuzz_command_line(int argument_count, const char* const* arguments, Terminal& terminal);

// Whether it is the word of such a command: `equiv` and so on.
bool is_proof_word(std::string_view word);
// That word and what follows.
int run_prove_command_line(int argument_count, const char* const* arguments, Terminal& terminal);

// The whole command line, without the program's name.
int run_command_line(int argument_count, const char* const* arguments, Terminal& terminal);

}  // namespace bpfc::cli
