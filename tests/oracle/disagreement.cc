#include "tests/oracle/disagreement.h"

#include <string_view>

namespace bpfc::oracle {

namespace {

std::string hex(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

std::string spelt(std::optional<bool> verdict) {
  return !verdict ? "no proper verdict" : *verdict ? "accepts" : "rejects";
}

CorpusPacket shortest(const EngineSet& set, const CorpusPacket& packet) {
  CorpusPacket cut = packet;
  for (std::size_t length = 0; length < packet.bytes.size(); ++length) {
    cut.bytes.assign(packet.bytes.begin(),
                     packet.bytes.begin() + static_cast<std::ptrdiff_t>(length));
    if (find_disagreement(set, cut)) {
      return cut;
    }
  }
  return packet;
}

std::string ancillary_text(const Ancillary& ancillary) {
  return "  with packet type " + std::to_string(ancillary.packet_type) + ", protocol " +
         std::to_string(ancillary.protocol) + ", interface " +
         (ancillary.interface_index ? std::to_string(*ancillary.interface_index) : "none") +
         (ancillary.vlan_tag_present ? ", VLAN tag " + std::to_string(ancillary.vlan_tag) : "") +
         "\n";
}

}  // namespace

std::optional<Disagreement> find_disagreement(const EngineSet& set, const CorpusPacket& packet) {
  for (const MachineRules rules : {MachineRules::kLibpcap, MachineRules::kKernel}) {
    std::optional<bool> judge;
    std::optional<bool> first;
    bool judge_asked = false;
    bool first_asked = false;
    for (const Engine& engine : set.engines) {
      if (engine.rules != rules) {
        continue;
      }
      const std::optional<bool> verdict = engine.accepts(packet);
      if (engine.role == EngineRole::kJudge) {
        judge_asked = true;
        judge = verdict;
      } else if (!verdict || (first_asked && verdict != first)) {
        return Disagreement{rules, false};
      } else {
        first_asked = true;
        first = verdict;
      }
    }
    if (judge_asked && first_asked && judge != first) {
      return Disagreement{rules, true};
    }
  }
  return std::nullopt;
}

std::string describe(const FilterText& filter, const EngineSet& set, const CorpusPacket& packet) {
  const CorpusPacket cut = shortest(set, packet);
  std::string text = filter.link_type + ": " + filter.expression + "\n  on " +
                     std::to_string(cut.bytes.size()) + " of " +
                     std::to_string(packet.bytes.size()) + " bytes\n";
  if (filter.target == Target::kLiveLinux) {
    text += ancillary_text(packet.ancillary);
  }
  for (const Engine& engine : set.engines) {
    text += "  " + engine.name + ": " + spelt(engine.accepts(cut)) + "\n";
    if (!engine.command.empty()) {
      text += "    " + engine.command;
      if (engine.role == EngineRole::kCompiler) {
        text += " --packet " + hex(cut.bytes) + " --wirelen " + std::to_string(cut.wire_length);
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace bpfc::oracle
