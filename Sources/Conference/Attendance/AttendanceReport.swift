/// The roll call with times. Seconds count from the start of the meeting.
package struct AttendanceReport: Codable, Hashable, Sendable {
    package struct Row: Codable, Hashable, Sendable {
        /// 0: a site of ours; 1: behind the link above it; and so on.
        package var depth: Int
        /// The ids from our link down to the site: `gia-binh/dai-bai`.
        package var path: String
        package var name: String
        /// `site`, `uplink` or `downlink`.
        package var kind: String
        /// Whether it is there now.
        package var isPresent: Bool
        /// When it was first there; `nil`: never.
        package var joinedSeconds: Double?
        /// Since when it is gone; `nil`: it is there, or never was.
        package var lostSeconds: Double?
        /// For how long it was there in all.
        package var presentSeconds: Double
        /// How often it was lost.
        package var absences: Int

        package init(
            depth: Int = 0, path: String, name: String, kind: String = "site", isPresent: Bool = false,
            joinedSeconds: Double? = nil, lostSeconds: Double? = nil, presentSeconds: Double = 0, absences: Int = 0
        ) {
            self.depth = depth
            self.path = path
            self.name = name
            self.kind = kind
            self.isPresent = isPresent
            self.joinedSeconds = joinedSeconds
            self.lostSeconds = lostSeconds
            self.presentSeconds = presentSeconds
            self.absences = absences
        }

        private enum CodingKeys: String, CodingKey {
            case depth, path, name, kind, absences
            case isPresent = "present"
            case joinedSeconds = "joined_seconds"
            case lostSeconds = "lost_seconds"
            case presentSeconds = "present_seconds"
        }
    }

    /// How long the meeting lasts.
    package var seconds: Double
    /// In the order in which they were first named.
    package var rows: [Row]
    /// Places that there was no room for.
    package var omitted: Int

    package init(seconds: Double, rows: [Row], omitted: Int = 0) {
        self.seconds = seconds
        self.rows = rows
        self.omitted = omitted
    }

    /// Links are no places: only sites are counted.
    package var present: Int { rows.lazy.filter { $0.kind == "site" && $0.isPresent }.count }
    package var expected: Int { rows.lazy.filter { $0.kind == "site" }.count }
}
