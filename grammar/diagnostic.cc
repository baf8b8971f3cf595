#include "bpfc/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bpfc {
namespace {

struct CodeName {
  DiagnosticCode code;
  std::string_view name;
};

constexpr std::array kCodeNames = {
    CodeName{DiagnosticCode::kSyntax, "syntax"},
    CodeName{DiagnosticCode::kBadNumber, "bad-number"},
    CodeName{DiagnosticCode::kBadAddress, "bad-address"},
    CodeName{DiagnosticCode::kTooLarge, "too-large"},
    CodeName{DiagnosticCode::kTooDeep, "too-deep"},
    CodeName{DiagnosticCode::kMissingQualifier, "missing-qualifier"},
    CodeName{DiagnosticCode::kInvalidQualifier, "invalid-qualifier"},
    CodeName{DiagnosticCode::kUnsupportedLinkType, "unsupported-link-type"},
    CodeName{DiagnosticCode::kNotLive, "not-live"},
    CodeName{DiagnosticCode::kUnknownName, "unknown-name"},
    CodeName{DiagnosticCode::kNonNetworkBits, "non-network-bits"},
    CodeName{DiagnosticCode::kDataSize, "data-size"},
    CodeName{DiagnosticCode::kNotIndexable, "not-indexable"},
    CodeName{DiagnosticCode::kEncapsulation, "encapsulation"},
    CodeName{DiagnosticCode::kNetmaskUnknown, "netmask-unknown"},
    CodeName{DiagnosticCode::kDivisionByZero, "division-by-zero"},
    CodeName{DiagnosticCode::kShiftTooFar, "shift-too-far"},
    CodeName{DiagnosticCode::kRejectsAll, "rejects-all"},
    CodeName{DiagnosticCode::kTooComplex, "too-complex"},
    CodeName{DiagnosticCode::kBadOption, "bad-option"},
    CodeName{DiagnosticCode::kBadProgram, "bad-program"},
    CodeName{DiagnosticCode::kWarnRejectsAll, "never-matches"},
    CodeName{DiagnosticCode::kWarnProgramTooLong, "program-too-long"},
    CodeName{DiagnosticCode::kWarnMovedHeaders, "moved-headers"},
    CodeName{DiagnosticCode::kWarnPartialNot, "partial-not"},
    CodeName{DiagnosticCode::kWarnIpv4Only, "ipv4-only"},
    CodeName{DiagnosticCode::kWarnDeadBranch, "dead-branch"},
    CodeName{DiagnosticCode::kWarnFragments, "fragments"},
};

// What is shown of a long line, and how much of it stands before the range.
constexpr std::size_t kShown = 100;
constexpr std::size_t kShownBefore = 40;
constexpr std::string_view kEllipsis = "...";

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return result;
}

// The bytes of a UTF-8 sequence after its first take no column of their own on a terminal.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

}  // namespace

std::string_view name(DiagnosticCode code) {
  const auto* row = std::find_if(kCodeNames.begin(), kCodeNames.end(),
                                 [code](const CodeName& entry) { return entry.code == code; });
  return row == kCodeNames.end() ? std::string_view{"unknown"} : row->name;
}

std::string render(const Diagnostic& diagnostic, std::string_view source, std::string_view origin,
                   std::string_view severity) {
  const std::size_t begin = std::min<std::size_t>(diagnostic.range.begin, source.size());
  const std::size_t end = std::clamp<std::size_t>(diagnostic.range.end, begin, source.size());

  const std::size_t line_begin = begin == 0 ? 0 : source.rfind('\n', begin - 1) + 1;
  const std::size_t line_end = std::min(source.find('\n', begin), source.size());
  const auto line_number =
      std::count(source.begin(), source.begin() + static_cast<long>(begin), '\n') + 1;

  const bool cut_left = begin - line_begin > kShownBefore && line_end - line_begin > kShown;
  const std::size_t shown_begin = cut_left ? begin - kShownBefore : line_begin;
  const bool cut_right = line_end - shown_begin > kShown;
  const std::size_t shown_end = cut_right ? shown_begin + kShown : line_end;

  const std::string_view left = cut_left ? kEllipsis : "";
  const std::string_view before = source.substr(shown_begin, begin - shown_begin);
  const std::size_t marked_end = std::clamp(end, begin, shown_end);
  const std::size_t width =
      std::max<std::size_t>(columns(source.substr(begin, marked_end - begin)), 1);

  std::string text = fmt::format(
      "{}:{}:{}: {}: {}\n  {}{}{}\n  {}^{}", origin, line_number, begin - line_begin + 1, severity,
      diagnostic.message, left, printable(source.substr(shown_begin, shown_end - shown_begin)),
      cut_right ? kEllipsis : "", std::string(left.size() + columns(before), ' '),
      std::string(width - 1, '~'));
  if (!diagnostic.hint.empty()) text += fmt::format("\n  perhaps: {}", printable(diagnostic.hint));
  return text;
}

}  // namespace bpfc
