//! Messages at random, of every kind. Those of many parts are boxed: a test's stack would not hold them.

use manifest::MediaTime;
use party::{
    Action, Activity, Cause, Command, Control, Farewell, Hello, Known, Limit, MemberId, MemberView, Now, Phase, Policy,
    Rate, Refusal, Report, RoomTime, Span, Stamp, State, Text, ToMember, ToRoom, VERSION, Welcome,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// Whole numbers that JavaScript holds exactly, those of everyday among them.
fn micros() -> impl Strategy<Value = i64> {
    const EXACT: i64 = (1 << 53) - 1;
    prop_oneof![Just(0), Just(EXACT), Just(-EXACT), 0..10_000_000_000_i64, -EXACT..=EXACT]
}

fn media() -> impl Strategy<Value = MediaTime> {
    micros().prop_map(MediaTime::from_micros)
}

fn span() -> impl Strategy<Value = Span> {
    micros().prop_map(Span::from_micros)
}

fn time() -> impl Strategy<Value = RoomTime> {
    micros().prop_map(RoomTime::from_micros)
}

fn id() -> impl Strategy<Value = MemberId> {
    any::<u32>().prop_map(MemberId)
}

fn text<const MOST: usize>() -> impl Strategy<Value = Text<MOST>> {
    prop_oneof![any::<String>(), "[a-z\"\\\\/é]{0,150}"].prop_map(|text| Text::cut(&text))
}

fn stamp() -> impl Strategy<Value = Stamp> {
    let number = || micros().prop_map(i64::unsigned_abs);
    (number(), number()).prop_map(|(epoch, rev)| Stamp { epoch, rev })
}

fn rate() -> impl Strategy<Value = Rate> {
    (Rate::SLOWEST.millionths()..=Rate::FASTEST.millionths())
        .prop_map(|millionths| Rate::from_millionths(millionths).expect("it is played"))
}

fn control() -> impl Strategy<Value = Control> {
    select(vec![Control::Anyone, Control::Host])
}

fn policy() -> impl Strategy<Value = Policy> {
    let limit = || (0..100_u32).prop_map(Limit::seconds);
    prop_oneof![
        Just(Policy::Never),
        limit().prop_map(|limit| Policy::All { limit }),
        (any::<u8>(), limit()).prop_map(|(percent, limit)| Policy::Quorum { percent, limit }),
    ]
}

fn cause() -> impl Strategy<Value = Cause> {
    select(vec![
        Cause::Opened,
        Cause::Restored,
        Cause::Play,
        Cause::Pause,
        Cause::Seek,
        Cause::Rate,
        Cause::Content,
        Cause::Settings,
        Cause::Stall,
        Cause::Ready,
        Cause::Deadline,
        Cause::Unknown,
    ])
}

pub(super) fn state() -> BoxedStrategy<State> {
    let what = (stamp(), of(text()), select(vec![Phase::Paused, Phase::Waiting, Phase::Playing]), media(), rate());
    (what, time(), of(time()), control(), policy(), of(id()), cause())
        .prop_map(|((stamp, content, phase, position, rate), at, until, control, policy, by, cause)| State {
            stamp,
            content,
            phase,
            position,
            rate,
            at,
            until,
            control,
            policy,
            by,
            cause,
        })
        .boxed()
}

fn report() -> BoxedStrategy<Report> {
    let activity = select(vec![
        Activity::Playing,
        Activity::Holding,
        Activity::Buffering,
        Activity::Blocked,
        Activity::Apart,
        Activity::Elsewhere,
    ]);
    let expected = (of(time()), of(time()), of(span()), span(), of(media()));
    (stamp(), activity, media(), time(), media(), expected)
        .prop_map(|(stamp, activity, position, at, buffered, (ready, stall, drift, delay, reach))| Report {
            stamp,
            activity,
            position,
            at,
            buffered,
            ready,
            stall,
            drift,
            delay,
            reach,
        })
        .boxed()
}

pub(super) fn members() -> BoxedStrategy<Vec<MemberView>> {
    let member = (id(), text(), any::<[bool; 4]>(), of(report())).prop_map(
        |(id, name, [host, present, awaited, late], report)| MemberView {
            id,
            name,
            host,
            present,
            awaited,
            late,
            report,
        },
    );
    vec(member, 0..4).boxed()
}

pub(super) fn action() -> BoxedStrategy<Action> {
    prop_oneof![
        Just(Action::Play),
        Just(Action::Pause),
        media().prop_map(Action::Seek),
        rate().prop_map(Action::Rate),
        text().prop_map(Action::Content),
        control().prop_map(Action::Control),
        policy().prop_map(Action::Policy),
        id().prop_map(Action::Host),
    ]
    .boxed()
}

/// What rooms say.
pub(super) fn to_member() -> BoxedStrategy<ToMember> {
    let refusal = select(vec![Refusal::Stale, Refusal::NotAllowed, Refusal::Impossible, Refusal::Unknown]);
    let farewell = select(vec![
        Farewell::Left,
        Farewell::Replaced,
        Farewell::Full,
        Farewell::Forbidden,
        Farewell::Version,
        Farewell::Misbehaved,
        Farewell::Slow,
        Farewell::Restart,
        Farewell::Unknown,
    ]);
    prop_oneof![
        (any::<u32>(), id(), text(), text(), state(), members()).prop_map(
            |(version, you, seat, clock, state, members)| {
                ToMember::Welcome(Welcome { version, you, seat, clock, state, members })
            }
        ),
        (micros(), time(), time(), stamp()).prop_map(|(sent, received, answered, stamp)| {
            ToMember::Echo { sent: Now::from_micros(sent), received, answered, stamp }
        }),
        state().prop_map(ToMember::State),
        (members(), vec(id(), 0..4)).prop_map(|(changed, gone)| ToMember::Members { changed, gone }),
        (any::<u32>(), stamp()).prop_map(|(id, stamp)| ToMember::Accepted { id, stamp }),
        (any::<u32>(), refusal).prop_map(|(id, why)| ToMember::Refused { id, why }),
        (farewell, span()).prop_map(|(why, after)| ToMember::Bye { why, after }),
        Just(ToMember::Unknown),
    ]
    .boxed()
}

/// What members say.
pub(super) fn to_room() -> BoxedStrategy<ToRoom> {
    let known = (state(), media(), any::<bool>()).prop_map(|(state, position, host)| Known { state, position, host });
    let wanted = (of(text()), of(control()), of(policy()));
    let hello = (text(), of(text()), of(text()), wanted, of(known), any::<u32>()).prop_map(
        |(name, seat, token, (content, control, policy), known, last)| {
            ToRoom::Hello(Hello { version: VERSION, name, seat, token, content, control, policy, known, last })
        },
    );
    prop_oneof![
        hello,
        micros().prop_map(|sent| ToRoom::Probe { sent: Now::from_micros(sent) }),
        (any::<u32>(), stamp(), action()).prop_map(|(id, base, action)| ToRoom::Command(Command { id, base, action })),
        report().prop_map(ToRoom::Report),
        select(vec![ToRoom::Sync, ToRoom::Leave, ToRoom::Unknown]),
    ]
    .boxed()
}
