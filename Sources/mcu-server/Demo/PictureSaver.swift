import Console
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Keeps a PNG of each program's picture fresh.
struct PictureSaver {
    let base: URL
    let token: String?
    let folder: DemoFolder
    let programs: [String]

    /// Fetches each program's picture and puts it in the place of the last one.
    ///
    /// - Returns: the files that are fresh now.
    func save() async -> [String] {
        var files: [String] = []
        for program in programs {
            var request = URLRequest(
                url: base.appendingPathComponent("v1/programs/\(program)/picture.png"), timeoutInterval: 5)
            if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
            guard let (data, response) = try? await URLSession.shared.data(for: request),
                (response as? HTTPURLResponse)?.statusCode == 200,
                (try? data.write(to: URL(fileURLWithPath: folder.picture(of: program)), options: .atomic)) != nil
            else { continue }
            files.append(folder.picture(of: program))
        }
        return files
    }
}
