#include "bpfc/saved_form.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "tests/hex_bytes.h"

namespace bpfc::capture_test {
namespace {

constexpr std::uint16_t kEthernet = 1;
constexpr std::uint16_t kTunnel = 0xfffe;

// A packet in a buffer with the room before it that a ring has.
class Made {
 public:
  explicit Made(std::string_view hex) : buffer_(LivePacket::kHeadroom, 0xee) {
    const auto bytes = bpfc::testing::hex_bytes(hex);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    packet.data = std::span(buffer_).subspan(LivePacket::kHeadroom);
    packet.wire_length = static_cast<std::uint32_t>(bytes.size());
    packet.hardware_type = kEthernet;
    packet.link_header = 14;
    packet.interface_index = 0x01020304;
    packet.packet_type = 4;
    packet.protocol = 0x0800;
    packet.address_length = 6;
    packet.address = {2, 0, 0, 0, 0, 1};
  }
  Made& tagged(std::uint16_t protocol, std::uint16_t tag) {
    packet.tagged = true;
    packet.tag_protocol = protocol;
    packet.tag = tag;
    return *this;
  }

  LivePacket packet;

 private:
  std::vector<std::uint8_t> buffer_;
};

struct FormCase {
  const char* name;
  SavedForm form;
  const char* frame;
  bool tagged;
  std::uint16_t hardware_type;
  const char* saved;
  std::uint32_t wire_length;
};

class SavedFormTest : public ::testing::TestWithParam<FormCase> {};

TEST_P(SavedFormTest, IsAsTheRegistryHasIt) {
  const FormCase& form_case = GetParam();
  Made made(form_case.frame);
  if (form_case.tagged) made.tagged(0x88a8, 0x2005);
  made.packet.hardware_type = form_case.hardware_type;
  if (form_case.hardware_type == kTunnel) made.packet.link_header = 0;
  // The packet is cut, some of them within their header.
  made.packet.wire_length = 100;
  const CapturedPacket saved = save(made.packet, form_case.form);
  EXPECT_EQ(bpfc::testing::to_hexadecimal(saved.data),
            bpfc::testing::to_hexadecimal(bpfc::testing::hex_bytes(form_case.saved)));
  EXPECT_EQ(saved.wire_length, form_case.wire_length);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, SavedFormTest,
    ::testing::Values(
        FormCase{"frame", SavedForm::kFrame, "45000001", true, kTunnel, "45000001", 100},
        FormCase{"ethernet", SavedForm::kEthernet, "020000000002 020000000001 0800 4500", false,
                 kEthernet, "020000000002 020000000001 0800 4500", 100},
        FormCase{"tagged", SavedForm::kEthernet, "020000000002 020000000001 0800 4500", true,
                 kEthernet, "020000000002 020000000001 88a8 2005 0800 4500", 104},
        FormCase{"no_room_for_a_tag", SavedForm::kEthernet, "020000000002", true, kEthernet,
                 "020000000002", 104},
        FormCase{"sll2", SavedForm::kLinuxSll2, "020000000002 020000000001 0800 4500", false,
                 kEthernet, "0800 0000 01020304 0001 04 06 0200000000010000 4500", 106},
        FormCase{"sll2_tagged", SavedForm::kLinuxSll2, "020000000002 020000000001 0800 4500", true,
                 kEthernet, "88a8 0000 01020304 0001 04 06 0200000000010000 2005 0800 4500", 110},
        FormCase{"sll2_short", SavedForm::kLinuxSll2, "020000000002", false, kEthernet,
                 "0800 0000 01020304 0001 04 06 0200000000010000", 106},
        FormCase{"sll2_tunnel", SavedForm::kLinuxSll2, "4500", false, kTunnel,
                 "0800 0000 01020304 fffe 04 06 0200000000010000 4500", 120},
        FormCase{"sll", SavedForm::kLinuxSll, "020000000002 020000000001 0800 4500", false,
                 kEthernet, "0004 0001 0006 0200000000010000 0800 4500", 102},
        FormCase{"sll_tagged", SavedForm::kLinuxSll, "020000000002 020000000001 0800 4500", true,
                 kEthernet, "0004 0001 0006 0200000000010000 88a8 2005 0800 4500", 106}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(SavedFormTest, TellsFiltersOfTheDevice) {
  Made made("020000000002 020000000001 0800");
  const Ancillary device = ancillary(made.tagged(0x8100, 7).packet);
  EXPECT_EQ(device.protocol, 0x0800);
  EXPECT_EQ(device.packet_type, 4);
  EXPECT_EQ(device.interface_index, 0x01020304U);
  EXPECT_EQ(device.hardware_type, kEthernet);
  EXPECT_TRUE(device.vlan_tag_present);
  EXPECT_EQ(device.vlan_tag, 7);
  EXPECT_EQ(device.vlan_protocol, 0x8100);
}

}  // namespace
}  // namespace bpfc::capture_test
