#include "tests/oracle/engine_set.h"

#include <utility>

#include "bpfc/interpreter.h"
#include "bpfc/verify.h"
#include "grammar/parse.h"
#include "tests/oracle/classic_runner.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/system_names.h"
#include "tests/reference/evaluator.h"

namespace bpfc::oracle {

namespace {

const SystemNames& names() {
  static const SystemNames kSystem;
  return kSystem;
}

std::optional<bool> as_verdict(std::optional<std::uint32_t> returned) {
  if (!returned || (*returned != 0 && *returned != kDefaultSnaplen)) {
    return std::nullopt;
  }
  return *returned != 0;
}

// The program in both machines. The kernel's is left out where its rules refuse the program.
void add_program(EngineSet& set, const Program& program, const std::string& name,
                 const std::string& command, EngineRole role, bool ancillary) {
  if (!ancillary) {
    set.engines.push_back({name + ", libpcap's rules", command, role, MachineRules::kLibpcap,
                           [program](const CorpusPacket& packet) {
                             return as_verdict(
                                 run_classic(program, packet.bytes, packet.wire_length));
                           }});
  }
  auto verified = verify(program, Rules::kKernel);
  if (!verified) {
    const bool too_long = verified.error().rule == VerifyRule::kTooLong;
    if (role == EngineRole::kCompiler && !too_long) {
      set.problems.push_back(name + ": " + verified.error().message);
    }
    return;
  }
  set.engines.push_back({name + ", the kernel's rules", command, role, MachineRules::kKernel,
                         [verified = *std::move(verified)](const CorpusPacket& packet) {
                           return as_verdict(interpret(verified, {.captured = packet.bytes,
                                                                  .wire_length = packet.wire_length,
                                                                  .ancillary = &packet.ancillary}));
                         }});
}

void add_judge(EngineSet& set, const FilterText& filter) {
  LibpcapOptions options{link_type_numbers().at(filter.link_type), kDefaultSnaplen, kTestNetmask,
                         true};
  if (const auto program = libpcap_compile(filter.expression, options); !program) {
    set.refusals.libpcap[1] = program.error();
  }
  options.optimize = false;
  const auto program = libpcap_compile(filter.expression, options);
  if (!program) {
    set.refusals.libpcap[0] = program.error();
    return;
  }
  add_program(set, *program, "libpcap -O",
              "tcpdump -O -d -y " + filter.link_type + " " + shell_quoted(filter.expression),
              EngineRole::kJudge, false);
}

std::string target_option(Target target) {
  switch (target) {
    case Target::kLiveLinux:
      return " --linux-ext";
    case Target::kNativeSavefile:
      return " --savefile=native";
    case Target::kSwappedSavefile:
      return " --savefile=swapped";
    case Target::kPlain:
    case Target::kCapture:  // socket_view_test.cc
      break;
  }
  return "";
}

void add_compiler(EngineSet& set, const FilterText& filter) {
  CompileOptions options;
  // By name: of the numbers a few are another link type's here than in Linux's libpcap.
  options.link_type = find_link_type(filter.link_type);
  options.target = filter.target;
  options.netmask = kTestNetmask;
  options.resolver = &names();
  for (const Optimization level : {Optimization::kNone, Optimization::kDefault}) {
    options.optimization = level;
    const bool optimized = level != Optimization::kNone;
    const auto compiled = compile(filter.expression, options);
    if (!compiled) {
      set.refusals.bpfc.at(optimized ? 1 : 0) = compiled.error().message;
      continue;
    }
    for (const Diagnostic& warning : compiled->warnings) {
      set.warned_of_no_match |= warning.code == DiagnosticCode::kWarnRejectsAll;
    }
    set.longest_program = std::max(set.longest_program, compiled->program.size());
    const std::string flag = optimized ? "" : " -O";
    add_program(set, compiled->program, "bpfc" + flag,
                "bpfc run" + flag + " -y " + filter.link_type + target_option(filter.target) +
                    " -m 255.255.255.0 " + shell_quoted(filter.expression),
                EngineRole::kCompiler, filter.target == Target::kLiveLinux);
  }
}

reference::Target reference_target(Target target) {
  switch (target) {
    case Target::kLiveLinux:
      return reference::Target::kLiveLinux;
    case Target::kNativeSavefile:
      return reference::Target::kSavefileNative;
    case Target::kSwappedSavefile:
      return reference::Target::kSavefileSwapped;
    case Target::kPlain:
    case Target::kCapture:  // socket_view_test.cc
      break;
  }
  return reference::Target::kNone;
}

void add_reference(EngineSet& set, const FilterText& filter) {
  const auto tree = grammar::parse(filter.expression);
  if (!tree) {
    set.refusals.reference = tree.error().message;
    return;
  }
  for (const MachineRules rules : {MachineRules::kLibpcap, MachineRules::kKernel}) {
    const bool kernel = rules == MachineRules::kKernel;
    if (!kernel && filter.target == Target::kLiveLinux) {
      continue;
    }
    const reference::Environment environment{
        .link_type = reference::LinkType(link_type_numbers().at(filter.link_type)),
        .netmask = kTestNetmask,
        .target = reference_target(filter.target),
        .machine = kernel ? reference::Machine::kKernel : reference::Machine::kLibpcap,
        .resolver = &names()};
    auto evaluator = reference::Evaluator::make(*tree, environment);
    if (!evaluator) {
      set.refusals.reference = evaluator.error();
      return;
    }
    set.engines.push_back(
        {std::string("the reference, ") + (kernel ? "kernel's" : "libpcap's") + " rules", "",
         EngineRole::kReference, rules,
         [evaluator = *std::move(evaluator)](const CorpusPacket& packet) {
           return std::optional(
               evaluator.accepts({packet.bytes, packet.wire_length, &packet.ancillary}));
         }});
  }
}

}  // namespace

EngineSet make_engines(const FilterText& filter, bool with_judge) {
  EngineSet set;
  if (with_judge) {
    add_judge(set, filter);
  }
  add_compiler(set, filter);
  add_reference(set, filter);
  return set;
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace bpfc::oracle
