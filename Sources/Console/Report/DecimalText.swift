/// Numbers for tables, the same in every locale.
package enum DecimalText {
    /// `value` rounded to `digits` places after the point; "-" for what is no number.
    package static func of(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "-" }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int((value * Double(scale)).rounded())
        let magnitude = rounded.magnitude
        let whole = "\(rounded < 0 ? "-" : "")\(magnitude / UInt(scale))"
        guard digits > 0 else { return whole }
        let fraction = "\(magnitude % UInt(scale))"
        return whole + "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
