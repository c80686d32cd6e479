/** Sensors and clocks of the hardware under /sys: temperatures of thermal zones, CPU frequencies. */
import type { Collector } from '../collector.ts';
import { labelText } from '../exposition.ts';

export const thermalCollector: Collector = {
  name: 'thermal_zone',
  collect(out, { files, sysRoot }) {
    const folder = `${sysRoot}/class/thermal`;
    for (const entry of files.list(folder)) {
      const zone = /^thermal_zone(\d+)$/.exec(entry)?.[1];
      if (zone === undefined) continue;
      const milli = files.number(`${folder}/${entry}/temp`);
      if (milli === undefined) continue;
      const labels = labelText([
        ['type', files.word(`${folder}/${entry}/type`)],
        ['zone', zone],
      ]);
      out.gauge(
        'node_thermal_zone_temp',
        'Temperature of the zone in degrees Celsius.',
        milli / 1000,
        labels,
      );
    }
  },
};

const FREQUENCIES = [
  ['cpuinfo_cur_freq', 'node_cpu_frequency_hertz', 'Frequency the CPU runs at.'],
  ['cpuinfo_min_freq', 'node_cpu_frequency_min_hertz', 'Lowest frequency of the CPU.'],
  ['cpuinfo_max_freq', 'node_cpu_frequency_max_hertz', 'Highest frequency of the CPU.'],
  ['scaling_cur_freq', 'node_cpu_scaling_frequency_hertz', 'Frequency chosen for the CPU.'],
  ['scaling_min_freq', 'node_cpu_scaling_frequency_min_hertz', 'Lowest frequency allowed to the CPU.'],
  ['scaling_max_freq', 'node_cpu_scaling_frequency_max_hertz', 'Highest frequency allowed to the CPU.'],
] as const;

export const cpufreqCollector: Collector = {
  name: 'cpufreq',
  collect(out, { files, sysRoot }) {
    const folder = `${sysRoot}/devices/system/cpu`;
    for (const entry of files.list(folder)) {
      const cpu = /^cpu(\d+)$/.exec(entry)?.[1];
      if (cpu === undefined) continue;
      for (const [file, name, help] of FREQUENCIES) {
        const kilohertz = files.number(`${folder}/${entry}/cpufreq/${file}`);
        if (kilohertz !== undefined) out.gauge(name, help, kilohertz * 1000, labelText([['cpu', cpu]]));
      }
    }
  },
};
