import Conference
import Media
import RTP

/// How the pictures of one site are repaired, as the operator wrote it: `rtx=97,feedback=nack+pli`. Each key wins over
/// what the SDP file says of it.
struct RepairSpecification {
    static let keys = ["rtx", "ulpfec", "red", "transport-cc", "feedback"]

    private let retransmission: PayloadType?
    private let fec: PayloadType?
    private let redundant: PayloadType?
    private let transportExtension: Int?
    private let feedback: FeedbackKinds?

    init(_ reader: inout SpecificationReader) {
        retransmission = reader.read("rtx", as: .payloadType)
        fec = reader.read("ulpfec", as: .payloadType)
        redundant = reader.read("red", as: .payloadType)
        transportExtension = reader.read("transport-cc", as: .wholeNumber(HeaderExtension.sendable))
        feedback = reader.read("feedback", as: .feedback)
        if let feedback, feedback.contains(.transport), !reader.has("transport-cc"), !reader.has("sdp") {
            reader.refuse("feedback", expected: "transport-cc=ID with it: the id of the header extension")
        }
    }

    /// - Parameters:
    ///   - description: what the SDP file says.
    ///   - sent: the payload type of what we send.
    ///   - accepted: those of the pictures we take.
    func plan(
        _ description: SiteDescription.Video?, sent: PayloadType, accepted: Set<PayloadType>
    ) -> RepairPlan {
        let offer = description?.repair ?? SiteDescription.Repair()
        let formats = description?.formats.map(\.payloadType) ?? []
        // A file says nothing of a payload type that only a key gives.
        let said = offer.feedback.kinds(for: formats.contains(sent) ? sent : formats.first ?? sent)
        var plan = RepairPlan(feedback: feedback ?? said ?? .standard)
        plan.fec = fec ?? offer.fec
        plan.redundant = redundant ?? offer.redundant
        if let transportExtension {
            plan.transportExtension = transportExtension
            plan.feedback.insert(.transport)
        } else if plan.feedback.contains(.transport), let offered = offer.transportExtension {
            plan.transportExtension = offered
        } else {
            // The numbers and the feedback on them are nothing without each other.
            plan.feedback.remove(.transport)
        }
        if plan.feedback.contains(.nack) || retransmission != nil {
            let repairable = accepted.union(plan.redundant.map { [$0] } ?? [])
            plan.retransmitted = offer.retransmitted.filter { repairable.contains($0.value) }
        }
        if let retransmission {
            plan.retransmitted = plan.retransmitted.filter { $0.value != sent }
            plan.retransmitted[retransmission] = sent
        }
        let ours = plan.retransmitted.filter { $0.value == sent }.keys
        plan.retransmission = retransmission ?? ours.min { $0.rawValue < $1.rawValue }
        return plan
    }
}

extension ValueForm where Value == PayloadType {
    fileprivate static let payloadType = Self("a payload type, a number 0-63 or 96-127") { text in
        ValueForm<Int>.wholeNumber(0...127).parse(text).flatMap { PayloadType($0) }
    }
}

extension ValueForm where Value == FeedbackKinds {
    fileprivate static let feedback = Self(
        "none, standard, or some of \(FeedbackKinds.words.map(\.word).joined(separator: ", ")) joined by \"+\""
    ) { text in
        switch text {
        case "none": return []
        case "standard": return .standard
        default:
            var kinds: FeedbackKinds = []
            for word in text.split(separator: "+", omittingEmptySubsequences: false) {
                guard let kind = FeedbackKinds.words.first(where: { $0.word == word })?.kind,
                    kinds.insert(kind).inserted
                else { return nil }
            }
            return kinds
        }
    }
}
