// Netlink messages as the kernel writes them, and as nobody should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "capture/netlink_dump.h"
#include "tests/capture/made_netlink.h"

namespace bpfc::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint32_t kOurs = 7;
constexpr std::uint16_t kObject = 100;

using Contents = std::vector<std::uint8_t>;

TEST(NetlinkMessages, EndWhereOneIsCutOff) {
  MadeBytes made;
  made.message(kObject, 0, kOurs, {1, 2, 3}).message(kObject + 1, 5, kOurs, {});
  const auto messages = netlink_messages(made.get());
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_THAT(messages[0].payload, ElementsAre(1, 2, 3));
  EXPECT_EQ(messages[1].type, kObject + 1);
  EXPECT_EQ(messages[1].flags, 5);
  EXPECT_THAT(messages[1].payload, IsEmpty());
  // Cut anywhere, what is left are those that are whole; the last padding may be missing.
  for (std::size_t size = 0; size < made.get().size(); ++size) {
    const Contents start(made.get().begin(), made.get().begin() + static_cast<long>(size));
    EXPECT_THAT(netlink_messages(start), SizeIs(size >= 19 ? 1 : 0)) << size;
  }
}

TEST(NetlinkMessages, DoNotTrustLengths) {
  for (const std::uint32_t length : {0U, 1U, 15U, 17U, 0x7fffffffU, 0xffffffffU}) {
    MadeBytes made;
    made.object(length).bytes(Contents(12, 0));
    EXPECT_THAT(netlink_messages(made.get()), IsEmpty()) << length;
  }
  for (const std::uint32_t length : {0U, 1U, 3U, 5U, 0xffffU}) {
    MadeBytes made;
    made.object(static_cast<std::uint16_t>(length)).object(std::uint16_t{1});
    EXPECT_THAT(netlink_attributes(made.get()), IsEmpty()) << length;
  }
}

TEST(NetlinkAttributes, LoseTheirFlags) {
  MadeBytes made;
  made.attribute(3, {1}).attribute(4 | NLA_F_NESTED, {}).attribute(5 | NLA_F_NET_BYTEORDER, {2, 3});
  const auto attributes = netlink_attributes(made.get());
  ASSERT_THAT(attributes, SizeIs(3));
  EXPECT_EQ(attributes[0].type, 3);
  EXPECT_THAT(attributes[0].value, ElementsAre(1));
  EXPECT_EQ(attributes[1].type, 4);
  EXPECT_EQ(attributes[2].type, 5);
  EXPECT_THAT(attributes[2].value, ElementsAre(2, 3));
}

TEST(ReadText, EndsAtTheFirstZeroOrTheEnd) {
  EXPECT_EQ(read_text(Contents{'a', 'b', 0, 'c'}), "ab");
  EXPECT_EQ(read_text(Contents{'a', 'b'}), "ab");
  EXPECT_EQ(read_text({}), "");
}

TEST(ReadPrefix, TakesWhatOldKernelsLackAsZero) {
  EXPECT_EQ(read_prefix<std::uint32_t>(Contents{1, 0, 0, 0, 9}), 1U);
  EXPECT_EQ(read_prefix<std::uint32_t>(Contents{1}), 1U);
  EXPECT_EQ(read_object<std::uint32_t>(Contents{1, 0, 0}), std::nullopt);
}

TEST(NetlinkAnswer, GathersObjectsUntilDone) {
  NetlinkAnswer answer(kOurs);
  EXPECT_EQ(answer.add(MadeBytes()
                           .message(kObject, NLM_F_MULTI, kOurs, {1})
                           .message(kObject, NLM_F_MULTI, kOurs + 1, {2})
                           .message(NLMSG_NOOP, 0, kOurs, {3})
                           .get()),
            DumpState::kGoesOn);
  EXPECT_EQ(answer.add({}), DumpState::kGoesOn);
  EXPECT_EQ(answer.add(MadeBytes()
                           .message(kObject, NLM_F_MULTI, kOurs, {4, 5})
                           .message(NLMSG_DONE, NLM_F_MULTI, kOurs, {0, 0, 0, 0})
                           .message(kObject, NLM_F_MULTI, kOurs, {6})
                           .get()),
            DumpState::kDone);
  ASSERT_THAT(answer.objects(), SizeIs(2));
  EXPECT_THAT(answer.objects()[0].payload, ElementsAre(1));
  EXPECT_THAT(answer.objects()[1].payload, ElementsAre(4, 5));
}

TEST(NetlinkAnswer, RemembersAnInterruption) {
  NetlinkAnswer answer(kOurs);
  EXPECT_EQ(answer.add(MadeBytes().message(kObject, NLM_F_DUMP_INTR, kOurs, {}).get()),
            DumpState::kGoesOn);
  EXPECT_EQ(answer.add(MadeBytes().message(NLMSG_DONE, 0, kOurs, {}).get()),
            DumpState::kInterrupted);
}

TEST(NetlinkAnswer, KnowsRefusals) {
  for (const std::uint16_t type : {std::uint16_t{NLMSG_ERROR}, std::uint16_t{NLMSG_DONE}}) {
    NetlinkAnswer answer(kOurs);
    const auto refusal = MadeBytes().object(std::int32_t{-EOPNOTSUPP}).get();
    EXPECT_EQ(answer.add(MadeBytes().message(type, 0, kOurs, refusal).get()), DumpState::kRefused);
    EXPECT_EQ(answer.error(), EOPNOTSUPP);
  }
}

TEST(NetlinkDump, IsRefusedWithoutTakingTime) {
  const auto no_protocol = netlink_dump(4000, RTM_GETLINK, {});
  ASSERT_FALSE(no_protocol);
  EXPECT_EQ(no_protocol.error(), EPROTONOSUPPORT);
  const auto no_request = netlink_dump(NETLINK_ROUTE, 0xfff0, {});
  ASSERT_FALSE(no_request);
  EXPECT_EQ(no_request.error(), EOPNOTSUPP);
}

}  // namespace
}  // namespace bpfc::capture
