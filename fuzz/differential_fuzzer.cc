// A filter and a packet in every compiler and engine of the differential tests: libpcap's
// unoptimized program judges. The first byte says how many bytes of text follow; the rest is an
// Ethernet packet, of which prefixes are tried too. The kernel judges nothing here: it may not be
// given filters at this rate (judge/attach_pace.h); `bpfc fuzz` asks it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/contest.h"

namespace {

constexpr std::string_view kKeywords[] = {
#define BPFC_KEYWORD(text, token, value) text,
#include "grammar/keyword.def"
#undef BPFC_KEYWORD
};

bool is_of(std::string_view word, std::string_view characters) {
  return word.find_first_not_of(characters) == std::string_view::npos;
}

// libpcap would look names up, in the system and in the network. What a backslash precedes is one.
bool is_without_names(std::string_view text) {
  constexpr std::string_view kInWords =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-:";
  std::size_t end = 0;
  while (true) {
    const std::size_t begin = text.find_first_of(kInWords, end);
    if (begin == std::string_view::npos) return true;
    end = std::min(text.find_first_not_of(kInWords, begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const bool escaped = begin > 0 && text[begin - 1] == '\\';
    const bool number = is_of(word, "0123456789.-x");
    const bool address =
        word.find(':') != std::string_view::npos && is_of(word, "0123456789abcdefABCDEF.:");
    const bool keyword = std::ranges::find(kKeywords, word) != std::end(kKeywords);
    if (!keyword && (escaped || (!number && !address))) return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t length = std::min<std::size_t>(data[0], size - 1);
  const std::string text(reinterpret_cast<const char*>(data) + 1, length);
  // For libpcap a NUL is the end, for us a character that cannot stand there.
  if (text.find('\0') != std::string::npos || !is_without_names(text)) return 0;
  const std::vector<std::uint8_t> bytes(data + 1 + length, data + size);
  std::vector<bpfc::oracle::CorpusPacket> packets;
  for (std::size_t captured = bytes.size();; captured /= 2) {
    bpfc::oracle::CorpusPacket packet;
    packet.bytes.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(captured));
    packet.wire_length = static_cast<std::uint32_t>(bytes.size());
    packets.push_back(std::move(packet));
    if (captured == 0) break;
  }
  bpfc::oracle::Contest contest({});
  contest.run({.link_type = "EN10MB", .expression = text}, packets);
  for (const std::string& finding : contest.findings()) {
    // Computed zeroes too are refused here, where libpcap without its optimizer divides by them.
    if (finding.find("by zero") != std::string::npos) continue;
    std::fprintf(stderr, "%s\n", finding.c_str());
    std::abort();
  }
  return 0;
}
