// What the bridge writes into its log, in Vietnamese: the lines that come often. The others stay as they are.
// The sentences are those of CommandReader.swift, CascadeEvent.swift and the log messages of Sources/Bridge.
import { desk, on, siteName } from "./desk.js";
import { number, programName, words } from "./words.js";

const site = (id) => siteName(id);
const layout = (name) => words().layoutNames[name] ?? name;
const cell = (index) => Number(index) + 1;
/** Alarms as the log told them, with their Vietnamese sentence. */
const alarms = new Map();

on("alarms", () => { for (const each of desk.alarms) alarms.set(each.en, each.vi); });

const patterns = [
  // What operators did
  [/^(\S+) has the layout ([^;]+)$/, (program, name) => `${programName(program)}: bố cục ${layout(name)}`],
  [/^(\S+) stands in cell (\d+) of (\S+)$/, (id, index, program) => `${site(id)} ở ô ${cell(index)} (${programName(program)})`],
  [/^cell (\d+) of (\S+) is for whoever is next$/, (index, program) => `bỏ ghim ô ${cell(index)} (${programName(program)})`],
  [/^(\S+) is sent the layout ([^;]+)$/, (id, name) => `${site(id)} nhận bố cục riêng ${layout(name)}`],
  [/^(\S+) is sent its program's layout$/, (id) => `${site(id)} nhận bố cục chung`],
  [/^(\S+) is muted$/, (id) => `đã tắt tiếng ${site(id)}`],
  [/^(\S+) is heard again$/, (id) => `đã bật tiếng ${site(id)}`],
  [/^nobody is heard$/, () => "đã tắt tiếng mọi điểm"],
  [/^everybody is heard$/, () => "đã bật tiếng mọi điểm"],
  [/^(\S+) has a gain of (\S+) dB$/, (id, gain) => `${site(id)}: mức tiếng ${number(Number(gain), 1)} dB`],
  [/^nobody has the lecture$/, () => "thôi giảng"],
  [/^(\S+) has the lecture$/, (id) => `${site(id)} giảng`],
  [/^nobody shows slides$/, () => "thôi trang chiếu"],
  [/^(\S+) shows the slides$/, (id) => `trang chiếu từ ${site(id)}`],
  [/^nobody is called up: who speaks is shown$/, () => "thôi mời phát biểu: ai nói thì hiện người ấy"],
  [/^(\S+) is called up$/, (id) => `mời ${site(id)} phát biểu`],
  [/^the hub is the first site that is no link$/, () => "điểm chính là điểm cầu đầu tiên"],
  [/^(\S+) is the hub$/, (id) => `${site(id)} là điểm chính`],
  [/^(\S+) says "((?:(?!" across).)*)" across its picture$/, (program, text) => `dòng chữ “${text}” (${programName(program)})`],
  [/^(\S+) has no caption$/, (program) => `đã xóa dòng chữ (${programName(program)})`],
  [/^(\S+) takes part again$/, (id) => `đã nối lại ${site(id)}`],
  [/^(\S+) takes no part$/, (id) => `đã ngắt ${site(id)}`],
  [/^(\S+) is new in (\S+)$/, (id, program) => `đã thêm ${site(id)} vào ${programName(program)}`],
  [/^(\S+) is gone$/, (id) => `đã xóa ${id} khỏi cuộc họp`],
  [/^(\S+) is sent a keyframe, and asked for one$/, (id) => `đã gửi hình mới cho ${site(id)} và xin gửi lại toàn bộ hình`],
  [/^(\S+) is recorded$/, (program) => `bắt đầu ghi hình ${programName(program)}`],
  [/^(\S+) is no longer recorded$/, (program) => `đã dừng ghi hình ${programName(program)}`],
  [/^(\S+) is streamed$/, (program) => `bắt đầu truyền ${programName(program)} ra ngoài`],
  [/^(\S+) is no longer streamed$/, (program) => `đã dừng truyền ${programName(program)} ra ngoài`],
  [/^the meeting is arranged as ([^;]+)$/, (name) => `kịch bản ${name}`],
  [/^nothing is prepared$/, () => "đã bỏ phần chuẩn bị"],
  [/^(?:the last change is )?undone$/, () => "đã hoàn tác thay đổi vừa rồi"],
  [/^all lines are being checked$/, () => "đang kiểm tra mọi đường truyền"],
  [/^line check$/, () => "đã kiểm tra xong đường truyền"],
  // Sites and their lines
  [/^packets of this site were dropped$/, () => "có gói của điểm này bị bỏ"],
  [/^picture stream begins$/, () => "bắt đầu có luồng hình"],
  [/^sound stream begins$/, () => "bắt đầu có luồng tiếng"],
  [/^the site said goodbye on its picture stream$/, () => "điểm này đã ngừng gửi hình"],
  [/^the site said goodbye on its sound stream$/, () => "điểm này đã ngừng gửi tiếng"],
  [/^picture size changed$/, () => "cỡ hình gửi tới đã đổi"],
  [/^sound codec changed$/, () => "kiểu nén tiếng đã đổi"],
  [/^the (picture|sound)'s line (\d+) brings packets$/, (what, line) => `đường ${line} (${medium(what)}) đã có gói`],
  [/^the (picture|sound)'s line (\d+) is dead: nothing came by it for a second$/,
    (what, line) => `đứt đường ${line} (${medium(what)}): đã một giây không có gói nào`],
  [/^a picture could not be decoded$/, () => "có hình không giải mã được"],
  [/^a picture larger than allowed was refused$/, () => "hình gửi tới lớn quá mức cho phép, đã bỏ"],
  [/^a sound packet is malformed$/, () => "có gói tiếng sai định dạng"],
  [/^the sound's codec can't be opened: (.+)$/, (reason) => `không mở được bộ giải mã tiếng: ${reason}`],
  [/^the site uses our SSRC, or our own packets come back: another one is used$/,
    () => "điểm này dùng trùng SSRC của MCU, hoặc gói của MCU bị vòng về: MCU đã đổi SSRC"],
  [/^packets have waited too long: this machine is too slow for its cameras$/, () => "máy chủ này không xử lý kịp hình gửi tới"],
  [/^small receive buffer: raise net\.core\.rmem_max to (\d+)$/, (size) => `vùng nhận nhỏ: nên tăng net.core.rmem_max lên ${size}`],
  [/^no real-time priority for the sound \(CAP_SYS_NICE is missing\): it shares the cores as any thread$/,
    () => "tiếng không có quyền ưu tiên thời gian thực (thiếu CAP_SYS_NICE)"],
  // Recordings
  [/^recording$/, () => "bắt đầu ghi vào tệp"],
  [/^the recording is complete$/, () => "bản ghi đã xong"],
  [/^the recording ended$/, () => "bản ghi bị ngừng vì lỗi"],
  [/^an HTTP client was cut off$/, () => "đã cắt một kết nối vào trang này"],
  // Links
  [/^a bridge is at the other end: (\S+)$/, (id) => `đầu bên kia là một MCU: ${id}`],
  [/^the bridge (\S+) announces nothing any more$/, (id) => `MCU ${id} không còn báo gì`],
  [/^a bridge of version (\d+) is at the other end: the link is plain RTP$/,
    (version) => `MCU bên kia là phiên bản ${version}: chỉ nối bằng RTP thường`],
  [/^loop: what comes from the bridge (\S+) may be our own; the link is cut until the wiring is put right$/,
    (id) => `vòng lặp: hình từ MCU ${id} có thể là của chính ta; đã cắt liên kết cho đến khi nối lại cho đúng`],
  [/^loop: what is sent to (\S+) comes in here; the link is cut for a while$/,
    (id) => `vòng lặp: hình gửi cho ${site(id)} quay trở lại đây; tạm cắt liên kết`],
  [/^the loop is gone: the link is back$/, () => "hết vòng lặp: đã nối lại liên kết"],
  [/^no signal from the uplink: its backup (\S+) took over$/, (id) => `mất tín hiệu cấp trên: dùng đường dự phòng ${site(id)}`],
  [/^no signal from the uplink: (\S+) stands in for it$/, (id) => `mất tín hiệu cấp trên: ${site(id)} thay vào`],
  [/^no signal from the uplink, and no hub to stand in for it$/, () => "mất tín hiệu cấp trên, không có điểm chính thay vào"],
  [/^the uplink is back in the place that its backup (\S+) had$/, (id) => `cấp trên đã có lại, thay cho dự phòng ${site(id)}`],
  [/^the uplink is back$/, () => "cấp trên đã có lại"],
];

const changes = { raised: "cảnh báo", changed: "cảnh báo đổi", cleared: "hết cảnh báo" };
const medium = (word) => (word === "sound" ? "tiếng" : "hình");

/** A line of the bridge's log in Vietnamese, as far as it is known. */
export function inVietnamese(text) {
  const alarm = /^alarm (raised|changed|cleared): (.*)$/.exec(text);
  if (alarm) return `${changes[alarm[1]]}: ${alarms.get(alarm[2]) ?? alarm[2]}`;
  const prepared = /^prepared: (.*)$/.exec(text);
  if (prepared) return `chuẩn bị: ${inVietnamese(prepared[1])}`;
  // Several commands are told in one line; some sentences have a semicolon of their own.
  return sentence(text) ?? text.split("; ").map((part) => sentence(part) ?? part).join("; ");
}

function sentence(text) {
  for (const [pattern, say] of patterns) {
    const found = pattern.exec(text);
    if (found) return say(...found.slice(1));
  }
  return null;
}
