#include <algorithm>
#include <array>

#include "bpfc/warning.h"
#include "compiler/warning/warning.h"

namespace bpfc {
namespace {

constexpr std::array kKinds = {
    WarningKind{DiagnosticCode::kWarnRejectsAll, WarningLevel::kAlways,
                "no packet can match the expression"},
    WarningKind{DiagnosticCode::kWarnProgramTooLong, WarningLevel::kAlways,
                "the kernel takes no program of this length"},
    WarningKind{DiagnosticCode::kWarnMovedHeaders, WarningLevel::kUsual,
                "'vlan' and its like move the headers of a test that does not need them"},
    WarningKind{DiagnosticCode::kWarnPartialNot, WarningLevel::kUsual,
                "'not' negates the first of several addresses or ports only"},
    WarningKind{DiagnosticCode::kWarnIpv4Only, WarningLevel::kUsual,
                "tcp[], udp[] or sctp[] never match IPv6"},
    WarningKind{DiagnosticCode::kWarnDeadBranch, WarningLevel::kUsual,
                "a part of the expression can never match"},
    WarningKind{DiagnosticCode::kWarnFragments, WarningLevel::kOnRequest,
                "ports match the first fragment of an IPv4 packet only"},
};

struct Finder {
  DiagnosticCode code;
  std::vector<Diagnostic> (*find)(const warning::Tree& tree, const CompileOptions& options);
};

constexpr std::array kFinders = {
    Finder{DiagnosticCode::kWarnMovedHeaders, warning::moved_headers},
    Finder{DiagnosticCode::kWarnPartialNot, warning::partial_not},
    Finder{DiagnosticCode::kWarnIpv4Only, warning::ipv4_only},
    Finder{DiagnosticCode::kWarnDeadBranch, warning::dead_branch},
    Finder{DiagnosticCode::kWarnFragments, warning::fragments},
};

}  // namespace

std::span<const WarningKind> warning_kinds() { return kKinds; }

const WarningKind* find_warning(std::string_view name) {
  const auto* kind = std::find_if(kKinds.begin(), kKinds.end(), [name](const WarningKind& row) {
    return bpfc::name(row.code) == name;
  });
  return kind == kKinds.end() ? nullptr : kind;
}

WarningSet warnings_up_to(WarningLevel level) {
  WarningSet set;
  for (const WarningKind& kind : kKinds) {
    if (kind.level <= level) set.add(kind.code);
  }
  return set;
}

namespace warning {

std::vector<Diagnostic> find_warnings(const ast::Filter& filter, const CompileOptions& options) {
  std::vector<Diagnostic> found;
  if (!filter.root) return found;
  const Tree tree(filter);
  for (const Finder& finder : kFinders) {
    if (!options.warnings.has(finder.code)) continue;
    std::vector<Diagnostic> some = finder.find(tree, options);
    if (some.size() > kMostOfAKind) some.resize(kMostOfAKind);
    found.insert(found.end(), std::make_move_iterator(some.begin()),
                 std::make_move_iterator(some.end()));
  }
  return found;
}

}  // namespace warning
}  // namespace bpfc
